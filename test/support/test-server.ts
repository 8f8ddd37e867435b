import { chmodSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { EmbeddedPostgres } from '../../src/database/embedded/launcher.js';
import { startEmbeddedPostgres } from '../../src/database/embedded/launcher.js';
import { migrate } from '../../src/database/migrate.js';
import { ADMIN_URL, TEMPLATE } from './postgres.js';

const PREFIX = 'postern-test-';

/** Setup and teardown are loaded apart, so the server is kept where both find it. */
const kept = globalThis as { posternTestServer?: { server: EmbeddedPostgres; folder: string } };

/**
 * One server for the whole run: real, durable, the one the service brings. It ends with jest, however
 * jest ends. TEST_POSTGRES_URL names another server instead, to try another version of PostgreSQL.
 */
export async function startTestServer(): Promise<void> {
  const given = process.env[ADMIN_URL];
  if (given !== undefined) return makeTemplate(given);
  sweep();
  const folder = join(tmpdir(), `${PREFIX}${process.pid}`);
  mkdirSync(folder, { recursive: true });
  // PostgreSQL refuses to be root; the user it becomes must be able to get here.
  chmodSync(folder, 0o755);
  const server = await startEmbeddedPostgres(folder, {
    testSettings: ['shared_buffers=64MB', 'max_connections=200', 'max_wal_size=512MB', 'autovacuum_naptime=10s'],
  });
  kept.posternTestServer = { server, folder };
  process.env[ADMIN_URL] = server.url;
  await makeTemplate(server.url);
}

/** Stops it and removes its data. */
export async function stopTestServer(): Promise<void> {
  await kept.posternTestServer?.server.stop();
  if (kept.posternTestServer !== undefined) rmSync(kept.posternTestServer.folder, { recursive: true, force: true });
}

async function makeTemplate(adminUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  await client.query(`drop database if exists ${TEMPLATE}`);
  await client.query(`create database ${TEMPLATE}`);
  await client.end();
  const url = new URL(adminUrl);
  url.pathname = `/${TEMPLATE}`;
  await migrate(url.href);
}

/** Data of runs that were killed. */
function sweep(): void {
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(PREFIX)) continue;
    const pid = Number(name.slice(PREFIX.length));
    try {
      process.kill(pid, 0);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH')
        rmSync(join(tmpdir(), name), { recursive: true, force: true });
    }
  }
}
