import { spawn, type SpawnOptions } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { Owner } from './data-folder.js';
import { EmbeddedDatabaseError, USE_OWN_DATABASE } from './embedded-database-error.js';
import type { Binaries } from './platform-binaries.js';

/** How PostgreSQL's programs are started; they refuse to run as root. */
export interface RunAs {
  /** Who owns the files, when it is not simply this process. */
  readonly owner: Owner | undefined;
  /** The command that runs a program as that user. */
  command(program: string, args: readonly string[]): { file: string; args: string[]; options: SpawnOptions };
}

/** As the user of this process. */
function asSelf(): RunAs {
  return { owner: undefined, command: (file, args) => ({ file, args: [...args], options: { cwd: '/' } }) };
}

/** As another user: only root can. */
export function asUser(owner: Owner): RunAs {
  return {
    owner,
    command: (file, args) => ({ file, args: [...args], options: { cwd: '/', uid: owner.uid, gid: owner.gid } }),
  };
}

/**
 * Root in a user namespace of its own, where it is called nobody: the files stay root's, so that it
 * works below folders no other user may enter.
 */
export function asRenamedRoot(): RunAs {
  const map = ['-U', '--map-user=65534', '--map-group=65534'];
  return {
    owner: { uid: 0, gid: 0 },
    command: (program, args) => ({ file: 'unshare', args: [...map, program, ...args], options: { cwd: '/' } }),
  };
}

/** True on a system where this process is root. */
export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** The user root hands the database to: the present owner of the data, else postgres, else nobody. */
export async function userForRoot(dataRoot: string): Promise<Owner> {
  const present = await stat(dataRoot).catch(() => undefined);
  if (present !== undefined && present.uid !== 0) return { uid: present.uid, gid: present.gid };
  const found = passwdEntry('postgres') ?? passwdEntry('nobody');
  if (found === undefined) {
    throw new EmbeddedDatabaseError(
      `PostgreSQL does not run as root and there is no user postgres or nobody in /etc/passwd: start as another user, or ${USE_OWN_DATABASE}.`,
    );
  }
  return found;
}

/** Refuses what the programs would refuse with less helpful words. */
export async function checkSelf(dataRoot: string | undefined): Promise<RunAs> {
  try {
    userInfo();
  } catch {
    throw new EmbeddedDatabaseError(
      `PostgreSQL does not run as user id ${process.getuid?.()}, which has no entry in /etc/passwd: add one, or ${USE_OWN_DATABASE}.`,
    );
  }
  const owner = dataRoot === undefined ? undefined : (await stat(dataRoot)).uid;
  const self = process.getuid?.();
  if (owner !== undefined && self !== undefined && owner !== self) {
    throw new EmbeddedDatabaseError(
      `The embedded database in ${dataRoot} belongs to user id ${owner} and this is user id ${self}: ` +
        `start as that user, change the owner (chown -R ${self} ${dataRoot}), or ${USE_OWN_DATABASE}.`,
    );
  }
  return asSelf();
}

/** Whether the programs can be run this way. Asked of the system, not worked out from mode bits. */
export async function canRead(as: RunAs, binaries: Binaries): Promise<boolean> {
  const template = join(binaries.root, 'share', 'postgresql', 'postgres.bki');
  return succeeds(
    as,
    '"$0" --version >/dev/null 2>&1 && test -r "$1"',
    join(binaries.root, 'bin', 'postgres'),
    template,
  );
}

/** Whether a folder can be entered this way. */
export async function canEnter(as: RunAs, folder: string): Promise<boolean> {
  return succeeds(as, 'cd "$0"', folder);
}

function succeeds(as: RunAs, script: string, ...args: string[]): Promise<boolean> {
  const { file, args: all, options } = as.command('/bin/sh', ['-c', script, ...args]);
  return new Promise((resolve) => {
    const child = spawn(file, all, { ...options, stdio: 'ignore' });
    child.once('error', () => resolve(false));
    child.once('exit', (code) => resolve(code === 0));
  });
}

function passwdEntry(name: string): Owner | undefined {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
}
