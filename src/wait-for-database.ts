import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { CannotStart, EX_CONFIG, EX_UNAVAILABLE } from './cannot-start.js';

const CONNECT_WITHIN_MS = 3000;
const TRY_EVERY_MS = 250;
const OLDEST_VERSION = 150_000;

/**
 * Waits for a database that is still coming up; throws CannotStart with one sentence when it does not,
 * or never will. One that says that it is starting or recovering may take as long as it needs: 6 GB of
 * log took 59 s.
 */
export async function waitForDatabase(url: string, withinMs = 10_000): Promise<void> {
  let deadline = performance.now() + withinMs;
  for (;;) {
    try {
      return await tryOnce(url);
    } catch (error) {
      if (error instanceof CannotStart) throw error;
      const sentence = mistake(error, url);
      if (sentence !== undefined) throw new CannotStart(sentence, EX_CONFIG);
      if (isComingUp(error)) deadline = performance.now() + withinMs;
      if (performance.now() + TRY_EVERY_MS > deadline) throw unreachable(error, url);
    }
    await sleep(TRY_EVERY_MS);
  }
}

async function tryOnce(url: string): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_WITHIN_MS,
    application_name: 'postern-start',
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ n: number; name: string }>(
      `select current_setting('server_version_num')::int n, current_setting('server_version') name`,
    );
    const version = rows[0];
    if (version !== undefined && version.n < OLDEST_VERSION) {
      throw new CannotStart(
        `PostgreSQL at ${placeOf(url)} is version ${version.name}: Postern needs 15 or later.`,
        EX_CONFIG,
      );
    }
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** cannot_connect_now: starting, recovering or stopping. */
function isComingUp(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '57P03';
}

/** What waiting does not mend. */
function mistake(error: unknown, url: string): string | undefined {
  const code = error instanceof pg.DatabaseError ? error.code : undefined;
  if (code === '28P01' || code === '28000') {
    return `PostgreSQL at ${placeOf(url)} refuses the user or the password: correct POSTERN_DATABASE_URL.`;
  }
  if (code === '3D000') {
    return `PostgreSQL at ${placeOf(url)} has no such database: create it or correct POSTERN_DATABASE_URL.`;
  }
  return undefined;
}

function unreachable(error: unknown, url: string): CannotStart {
  const reason = error instanceof Error ? ('code' in error ? String(error.code) : error.message) : String(error);
  return new CannotStart(
    `PostgreSQL at ${placeOf(url)} cannot be reached (${reason}): start it or correct POSTERN_DATABASE_URL.`,
    EX_UNAVAILABLE,
  );
}

/** Host and port; never the user, the password or the parameters. */
function placeOf(url: string): string {
  const { host } = new URL(url);
  return host === '' ? 'the local socket' : host;
}
