import pg from 'pg';

/**
 * The connection was lost while COMMIT was under way: the transaction may have happened or not (in
 * a test 100 of 160 had). Only doing the same again with the same idempotency key can tell.
 */
export class UnknownCommitOutcome extends Error {
  override readonly name = 'UnknownCommitOutcome';

  constructor(cause: unknown) {
    super('the connection to the database was lost at COMMIT, the outcome is unknown', { cause });
  }
}

/**
 * Whether an error means that the connection, not the statement, failed. The server then never said
 * what became of the statement; one that commits by itself has an unknown outcome.
 */
export function isLostConnection(error: unknown): boolean {
  if (!(error instanceof pg.DatabaseError)) return true;
  return error.severity === 'FATAL' || error.severity === 'PANIC';
}
