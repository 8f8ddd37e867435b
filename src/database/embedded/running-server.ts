import { realpath } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { urlOf } from './cluster.js';
import type { DataFolder } from './data-folder.js';
import { EmbeddedDatabaseError } from './embedded-database-error.js';
import { disownPidFile, isAlive, mayBePostgres, type PostmasterPid, readPostmasterPid } from './postmaster-pid.js';

/** How long a server that says it is ready may leave us without an answer. */
const ANSWER_WITHIN_MS = 15_000;

/**
 * The server that runs on a data folder already: another process of ours started it. Waits for one
 * that is starting or stopping, however long it takes; undefined when none runs.
 */
export async function findRunning(folder: DataFolder): Promise<PostmasterPid | undefined> {
  let readySince: number | undefined;
  for (;;) {
    const found = await readPostmasterPid(folder.cluster);
    if (found === undefined || !isAlive(found.pid)) return undefined;
    if (!(await mayBePostgres(found.pid))) {
      await disownPidFile(folder.cluster);
      return undefined;
    }
    if (found.status === 'ready') {
      if (await answers(folder, found.port)) return found;
      readySince ??= Date.now();
      if (Date.now() - readySince > ANSWER_WITHIN_MS) {
        throw new EmbeddedDatabaseError(
          `Process ${found.pid} holds the embedded database in ${folder.cluster} but does not answer on port ${found.port}: ` +
            `end it, or remove ${folder.cluster}/postmaster.pid if it is no PostgreSQL.`,
        );
      }
    }
    await sleep(50);
  }
}

/** Whether our password opens a server on that port and it works on our data. */
async function answers(folder: DataFolder, port: number): Promise<boolean> {
  const client = new pg.Client({
    connectionString: await urlOf(folder, port, 'postgres'),
    connectionTimeoutMillis: 3000,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ data_directory: string }>('show data_directory');
    const theirs = rows[0]?.data_directory;
    return theirs !== undefined && (await realpath(theirs)) === (await realpath(folder.cluster));
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}
