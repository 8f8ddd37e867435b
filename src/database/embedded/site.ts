import { createHash } from 'node:crypto';
import { cp, mkdir, rename, rm, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { createCluster } from './cluster.js';
import { type DataFolder, existingDataFolder, giveTo, parentOf } from './data-folder.js';
import { EmbeddedDatabaseError, USE_OWN_DATABASE } from './embedded-database-error.js';
import type { Binaries } from './platform-binaries.js';
import { asRenamedRoot, asUser, canEnter, canRead, checkSelf, isRoot, type RunAs, userForRoot } from './run-as.js';

/** Everything needed to start the server: the data, the programs, and as whom. */
export interface Site {
  readonly folder: DataFolder;
  readonly binaries: Binaries;
  readonly as: RunAs;
}

/** Where copies go when root's own folders can be entered by nobody else. */
const COPIES = '/var/lib/postern';

/** Finds the cluster of a data folder, or makes it, and decides how the server can be run on it. */
export async function prepareSite(dataDir: string, binaries: Binaries, log: (line: string) => void): Promise<Site> {
  const existing = await existingDataFolder(dataDir);
  if (!isRoot()) {
    const as = await checkSelf(existing?.root);
    return { folder: existing ?? (await create(dataDir, binaries, as)), binaries, as };
  }
  const home = existing === undefined ? dataDir : parentOf(existing);
  const as = await inPlace(existing, home, binaries);
  if (as === undefined) return copied(dataDir, existing, binaries, log);
  if (existing !== undefined && as.owner !== undefined) await giveTo(existing.root, as.owner);
  return { folder: existing ?? (await create(dataDir, binaries, as)), binaries, as };
}

async function create(parent: string, binaries: Binaries, as: RunAs): Promise<DataFolder> {
  await createCluster(parent, binaries, as);
  const folder = await existingDataFolder(parent);
  if (folder === undefined)
    throw new EmbeddedDatabaseError(`The embedded database in ${parent} has disappeared while it was made.`);
  return folder;
}

/** Data that root owns were made by renamed root: keep to it, a server may be running that way right now. */
async function inPlace(existing: DataFolder | undefined, home: string, binaries: Binaries): Promise<RunAs | undefined> {
  const user = asUser(await userForRoot(existing?.root ?? home));
  const rootOwnsIt = existing !== undefined && (await stat(existing.root)).uid === 0;
  for (const as of rootOwnsIt ? [asRenamedRoot(), user] : [user, asRenamedRoot()]) {
    if ((await canEnter(as, home)) && (await canRead(as, binaries))) return as;
  }
  return undefined;
}

/** Neither way can reach the files: copies of the programs and the data live where everybody may go. */
async function copied(
  dataDir: string,
  existing: DataFolder | undefined,
  binaries: Binaries,
  log: (line: string) => void,
): Promise<Site> {
  const as = asUser(await userForRoot(existing?.root ?? dataDir));
  const programs = (await canRead(as, binaries)) ? binaries : await copyOfPrograms(binaries);
  if (existing !== undefined && (await canEnter(as, parentOf(existing))))
    return { folder: existing, binaries: programs, as };
  const home = join(COPIES, createHash('sha256').update(dataDir).digest('hex').slice(0, 16));
  await makeFolder(home);
  if (existing === undefined) {
    await create(home, programs, as);
  } else {
    await cp(existing.root, join(home, 'pg'), {
      recursive: true,
      preserveTimestamps: true,
      errorOnExist: true,
      force: false,
    });
    await rename(existing.root, join(dataDir, `pg.before-copy-${Date.now()}`));
  }
  await symlink(join(home, 'pg'), join(dataDir, 'pg')).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  const folder = await existingDataFolder(dataDir);
  if (folder === undefined || as.owner === undefined)
    throw new EmbeddedDatabaseError(`The embedded database in ${home} has disappeared.`);
  await giveTo(folder.root, as.owner);
  log(`no other user may enter ${dataDir}, so the embedded database lives in ${home}`);
  return { folder, binaries: programs, as };
}

async function copyOfPrograms(binaries: Binaries): Promise<Binaries> {
  const root = join(COPIES, `postgresql-${binaries.version}`);
  if ((await stat(root).catch(() => undefined)) === undefined) {
    await makeFolder(COPIES);
    const staging = `${root}.new-${process.pid}`;
    await cp(binaries.root, staging, { recursive: true, verbatimSymlinks: true });
    await rename(staging, root).catch(() => rm(staging, { recursive: true, force: true }));
  }
  return { ...binaries, root };
}

async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o755 }).catch((error: NodeJS.ErrnoException) => {
    throw new EmbeddedDatabaseError(
      `PostgreSQL does not run as root, no other user may enter the data folder, and ${path} cannot be made (${error.code}): ` +
        `choose a POSTERN_DATA_DIR that others may enter, start as another user, or ${USE_OWN_DATABASE}.`,
    );
  });
}
