// Where a newcomer starts: a fresh clone, an empty home, the Node and npm of the machine, nothing else.
import { execFile, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const NOT_PUBLISHED = new Set(['.git', '.postern', 'coverage', 'dist', 'node_modules']);

/** A folder with `postern` (the clone) and `home` in it, both the given user's. */
export function makePlace(user) {
  const folder = mkdtempSync(join(tmpdir(), 'newcomer-'));
  // PostgreSQL refuses to be root; the user it becomes must be able to get here.
  chmodSync(folder, 0o755);
  const place = { folder, clone: join(folder, 'postern'), home: join(folder, 'home'), user };
  mkdirSync(place.home);
  const from = copySources(place);
  if (user !== undefined) {
    // What has been downloaded before need not be again, but it may be where the user cannot read.
    const cache = process.env.npm_config_cache;
    if (cache !== undefined && existsSync(cache)) cpSync(cache, join(place.home, '.npm'), { recursive: true });
    chownSync(folder, user.uid, user.gid);
    mustRun('chown', ['-R', `${user.uid}:${user.gid}`, place.clone, place.home]);
  }
  return { ...place, from };
}

/** The last commit; where the sources came without their history, the sources. */
function copySources({ folder, clone }) {
  if (existsSync(join(ROOT, '.git')) && spawnSync('git', ['--version']).status === 0) {
    // Git asks before it reads what another user owns, and the process that reads looks only here.
    const home = join(folder, 'git-home');
    mkdirSync(home);
    writeFileSync(join(home, '.gitconfig'), '[safe]\n\tdirectory = *\n');
    // Hard links would make the files of this repository the other user's as well.
    mustRun('git', ['clone', '--quiet', '--no-hardlinks', ROOT, clone], { ...process.env, HOME: home });
    return 'a clone of the last commit';
  }
  cpSync(ROOT, clone, { recursive: true, filter: (path) => !NOT_PUBLISHED.has(basename(path)) });
  return 'a copy of the sources';
}

function mustRun(file, args, env = process.env) {
  const { status, stderr, error } = spawnSync(file, args, { env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${file} ${args.join(' ')}: ${error?.message ?? stderr}`);
}

/**
 * The environment of somebody who has just opened a terminal: this Node first, an empty home, no
 * settings of ours or of the npm that may have started us. How to reach the registry is kept.
 */
export function environmentOf({ home, user }, more = {}) {
  const kept = Object.entries(process.env).filter(
    ([name]) =>
      !/^(POSTERN_|TEST_)/.test(name) &&
      (!/^npm_/i.test(name) || /^npm_config_(cache|registry|cafile|userconfig)$/i.test(name)) &&
      !['NODE_ENV', 'NODE_OPTIONS', 'INIT_CWD', 'XDG_CONFIG_HOME', 'XDG_CACHE_HOME', 'XDG_DATA_HOME'].includes(name),
  );
  const path = (process.env.PATH ?? '').split(delimiter).filter((entry) => !entry.includes('node_modules'));
  return {
    ...Object.fromEntries(kept),
    ...(user === undefined ? {} : { npm_config_cache: join(home, '.npm'), USER: user.name, LOGNAME: user.name }),
    HOME: home,
    PATH: [dirname(process.execPath), ...path].join(delimiter),
    ...more,
  };
}

/** Options that make a child process the newcomer's. */
export function asNewcomer(place, env) {
  const { uid, gid } = place.user ?? {};
  return { cwd: place.clone, env: environmentOf(place, env), ...(uid === undefined ? {} : { uid, gid }) };
}

/** Runs a command to its end; what it wrote is told when it fails. */
export async function run(place, file, args, env = {}) {
  try {
    return await promisify(execFile)(file, args, { ...asNewcomer(place, env), maxBuffer: 64 * 1024 * 1024 });
  } catch (error) {
    throw new Error(`${file} ${args.join(' ')} ended with ${error.code}:\n${error.stdout}\n${error.stderr}`, {
      cause: error,
    });
  }
}

/** Somebody without rights, when we are root and could be anybody. */
export function somebodyElse() {
  if (process.getuid?.() !== 0) return undefined;
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith('nobody:'));
  const [name, , uid, gid] = line?.split(':') ?? [];
  return name === undefined ? undefined : { name, uid: Number(uid), gid: Number(gid) };
}
