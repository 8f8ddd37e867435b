import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type DataFolder,
  giveTo,
  install,
  newStagingFolder,
  parentOf,
  readIfThere,
  writeOwned,
} from './data-folder.js';
import { EmbeddedDatabaseError, USE_OWN_DATABASE } from './embedded-database-error.js';
import { freePort } from './free-port.js';
import { type Binaries, programOf } from './platform-binaries.js';
import type { RunAs } from './run-as.js';

/** The superuser, and the name of the database. */
export const NAME = 'postern';

/**
 * Makes a cluster in a staging folder of `parent` and puts it in place as `pg`. Of several processes
 * that do so at once one wins, the others drop their work.
 */
export async function createCluster(parent: string, binaries: Binaries, as: RunAs): Promise<void> {
  const staging = await newStagingFolder(parent);
  await writeOwned(staging.passwordFile, randomBytes(24).toString('base64url'), undefined);
  await writeOwned(staging.portFile, String(await freePort()), undefined);
  if (as.owner !== undefined) await giveTo(staging.root, as.owner);
  await initdb(staging, binaries, as);
  await install(staging, parent);
}

/** A data directory belongs to the major version that made it. */
export async function checkVersion(folder: DataFolder, binaries: Binaries): Promise<void> {
  const version = await readIfThere(join(folder.cluster, 'PG_VERSION'));
  if (version === binaries.major) return;
  throw new EmbeddedDatabaseError(
    `The data in ${folder.cluster} was made by PostgreSQL ${version} and this release brings ${binaries.major}: ` +
      `start the release that made it, or move ${parentOf(folder)} away to begin anew.`,
  );
}

/** The address of the server for this process; it holds the password. */
export async function urlOf(folder: DataFolder, port: number, database: string): Promise<string> {
  const password = await readFile(folder.passwordFile, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new EmbeddedDatabaseError(
      `The password of the embedded database in ${folder.passwordFile} cannot be read (${error.code}): ` +
        `start as the user the file belongs to, or ${USE_OWN_DATABASE}.`,
    );
  });
  return `postgres://${NAME}:${password.trim()}@127.0.0.1:${port}/${database}`;
}

async function initdb(staging: DataFolder, binaries: Binaries, as: RunAs): Promise<void> {
  const { file, args, options } = as.command(programOf(binaries, 'initdb'), [
    `--pgdata=${staging.cluster}`,
    `--username=${NAME}`,
    `--pwfile=${staging.passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--no-locale',
    '--data-checksums',
    '--no-instructions',
  ]);
  const child = spawn(file, args, { ...options, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const code = await new Promise<number | null | string>((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    child.once('close', resolve);
  });
  if (code === 0) return;
  const reason = said.trim().split('\n')[0] ?? '';
  throw new EmbeddedDatabaseError(
    `The embedded database could not be created in ${parentOf(staging)} (${reason || `initdb ended with ${code}`}): ${USE_OWN_DATABASE}.`,
  );
}
