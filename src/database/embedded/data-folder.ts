import {
  chmod,
  chown,
  lchown,
  lstat,
  mkdir,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { dirname, join, resolve } from 'node:path';
import { EmbeddedDatabaseError, USE_OWN_DATABASE } from './embedded-database-error.js';

/** A user the server runs as. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** The places inside `<data folder>/pg`. */
export interface DataFolder {
  /** The folder itself, links resolved. */
  readonly root: string;
  /** PostgreSQL's data directory. */
  readonly cluster: string;
  readonly passwordFile: string;
  readonly portFile: string;
  readonly logFile: string;
}

/** Names the places below a folder. */
function dataFolderAt(root: string): DataFolder {
  return {
    root,
    cluster: join(root, 'cluster'),
    passwordFile: join(root, 'password'),
    portFile: join(root, 'port'),
    logFile: join(root, 'server.log'),
  };
}

/** Makes the data folder if need be and returns its absolute path; throws EmbeddedDatabaseError when that is impossible. */
export async function openDataDir(dataDir: string): Promise<string> {
  const absolute = resolve(dataDir);
  const probe = join(absolute, `.writable-${randomUUID()}`);
  try {
    await makeFolders(absolute);
    await writeFile(probe, '');
    await rm(probe);
  } catch (error) {
    throw new EmbeddedDatabaseError(
      `The data folder ${absolute} cannot be written (${(error as NodeJS.ErrnoException).code}): ` +
        `give this user the right to, set POSTERN_DATA_DIR to another folder, or ${USE_OWN_DATABASE}.`,
    );
  }
  return realpath(absolute);
}

/**
 * Makes a folder and those above it. Node's own recursive mkdir never ends where a folder cannot be
 * made although the one above it is there, as below /proc.
 */
async function makeFolders(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o755 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    const above = dirname(path);
    if (code !== 'ENOENT' || (await stat(above).catch(() => undefined)) !== undefined) throw error;
    await makeFolders(above);
    await mkdir(path, { mode: 0o755 });
  }
}

/** The folder with a cluster that is there already. */
export async function existingDataFolder(dataDir: string): Promise<DataFolder | undefined> {
  const root = await realpath(join(dataDir, 'pg')).catch(() => undefined);
  if (root === undefined) return undefined;
  const folder = dataFolderAt(root);
  return (await stat(join(folder.cluster, 'PG_VERSION')).catch(() => undefined)) === undefined ? undefined : folder;
}

/** A folder that will become `pg` in one rename once it is complete, so that nobody ever sees half a cluster. */
export async function newStagingFolder(parent: string): Promise<DataFolder> {
  await sweepAbandoned(parent);
  const folder = dataFolderAt(join(parent, `pg.new-${randomUUID()}`));
  await mkdir(folder.root, { mode: 0o700 });
  return folder;
}

/** Puts a complete staging folder in place; false when another process was first. */
export async function install(staging: DataFolder, parent: string): Promise<boolean> {
  try {
    await rename(staging.root, join(parent, 'pg'));
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (!['ENOTEMPTY', 'EEXIST', 'EPERM', 'EISDIR', 'ENOTDIR'].includes(code)) throw error;
    if ((await existingDataFolder(parent)) === undefined) {
      throw new EmbeddedDatabaseError(
        `${join(parent, 'pg')} is in the way of the embedded database and holds none: move it away.`,
      );
    }
    await rm(staging.root, { recursive: true, force: true });
    return false;
  }
}

/** Writes a small file only its owner can read, in one step. */
export async function writeOwned(path: string, text: string, owner: Owner | undefined): Promise<void> {
  const temporary = `${path}.${randomUUID()}`;
  await writeFile(temporary, text, { mode: 0o600 });
  await chmod(temporary, 0o600);
  if (owner !== undefined) await chown(temporary, owner.uid, owner.gid);
  await rename(temporary, path);
}

/** The text of a small file, or undefined. */
export async function readIfThere(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  );
}

/** Gives a tree to an owner, unless it is theirs already. */
export async function giveTo(path: string, owner: Owner): Promise<void> {
  const now = await lstat(path);
  if (now.uid === owner.uid && now.gid === owner.gid) return;
  for (const entry of await readdir(path, { recursive: true, withFileTypes: true })) {
    await lchown(join(entry.parentPath, entry.name), owner.uid, owner.gid);
  }
  // The top comes last: its owner says that everything below is done.
  await lchown(path, owner.uid, owner.gid);
}

/** initdb that was killed leaves its staging folder. */
async function sweepAbandoned(parent: string): Promise<void> {
  const hourAgo = Date.now() - 3_600_000;
  for (const name of await readdir(parent)) {
    if (!name.startsWith('pg.new-')) continue;
    const path = join(parent, name);
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined && found.mtimeMs < hourAgo) await rm(path, { recursive: true, force: true });
  }
}

/** The folder a data folder lies in. */
export function parentOf(folder: DataFolder): string {
  return dirname(folder.root);
}
