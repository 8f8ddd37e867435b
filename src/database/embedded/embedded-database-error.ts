/** The embedded database cannot run here. The message is one sentence for the operator: what is wrong and what helps. */
export class EmbeddedDatabaseError extends Error {
  override readonly name = 'EmbeddedDatabaseError';
}

/** What to do when nothing else helps; ends every message of that kind. */
export const USE_OWN_DATABASE = 'set POSTERN_DATABASE_URL to a PostgreSQL of your own';
