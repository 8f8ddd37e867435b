// Builds dist/: TypeScript, static files, the explorer. With --if-stale only when a source has changed
// since. Everything is built beside the old parts, which are then replaced by renames under a lock, so
// that two at once, or one that is killed, never leave half a build behind.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const DIST = join(ROOT, 'dist');
const LOCK = join(DIST, '.lock');
const EXPLORER = join('src', 'explorer');
const STAMPS = { code: join(DIST, '.stamp'), explorer: join(DIST, '.stamp-explorer') };
const STATIC = new Set(['.html', '.css', '.svg', '.js']);
const NEEDS_DEV = 'The build tools are not installed: run `npm ci --include=dev` first.';

const require = createRequire(import.meta.url);

/** Told in one sentence, without a stack trace. */
class BuildFailed extends Error {}

try {
  main(process.argv.includes('--if-stale'));
} catch (error) {
  if (!(error instanceof BuildFailed)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

function main(ifStale) {
  const before = fingerprints();
  if (ifStale && isFresh(before)) return;
  mkdirSync(DIST, { recursive: true });
  lock();
  const staging = join(DIST, `.next-${process.pid}`);
  try {
    // Whoever held the lock may have built just this.
    const wanted = fingerprints();
    if (ifStale && isFresh(wanted)) return;
    rmSync(staging, { recursive: true, force: true });
    compile(staging);
    copyStatic(join(ROOT, 'src'), join(staging, 'src'));
    buildExplorer(staging, wanted);
    rmSync(STAMPS.code, { force: true });
    for (const part of readdirSync(staging)) replace(join(staging, part), join(DIST, part));
    writeFileSync(STAMPS.explorer, wanted.explorer);
    writeFileSync(STAMPS.code, wanted.code);
  } finally {
    rmSync(staging, { recursive: true, force: true });
    rmSync(LOCK, { recursive: true, force: true });
  }
}

/** What dist/ is made from, as two hashes: of the explorer and of everything. */
function fingerprints() {
  const code = createHash('sha256');
  const explorer = createHash('sha256');
  const files = ['package-lock.json', 'tsconfig.json', 'tsconfig.build.json', join('scripts', 'build.mjs')];
  for (const folder of ['src', 'migrations']) files.push(...filesBelow(folder));
  for (const file of files) {
    const line = `${file}\0${createHash('sha256')
      .update(readFileSync(join(ROOT, file)))
      .digest('hex')}\n`;
    code.update(line);
    if (file.startsWith(EXPLORER) || file === 'package-lock.json') explorer.update(line);
  }
  return { code: code.digest('hex'), explorer: explorer.digest('hex') };
}

function filesBelow(folder) {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.spec.ts'))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .toSorted();
}

function isFresh(wanted) {
  return stamp(STAMPS.code) === wanted.code;
}

function stamp(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

function compile(staging) {
  const compiler = installed('typescript', 'bin/tsc');
  run(compiler, ['-p', 'tsconfig.build.json', '--outDir', staging, '--noEmitOnError']);
}

function copyStatic(from, to) {
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const source = join(from, entry.name);
    if (entry.isDirectory()) {
      if (relative(ROOT, source) !== EXPLORER) copyStatic(source, join(to, entry.name));
    } else if (STATIC.has(extname(entry.name))) {
      mkdirSync(to, { recursive: true });
      cpSync(source, join(to, entry.name));
    }
  }
}

/** The bundle takes ten times as long as the rest, so it is kept while its sources stay the same. */
function buildExplorer(staging, wanted) {
  const config = join(ROOT, EXPLORER, 'vite.config.mjs');
  if (!existsSync(config)) return;
  const built = join(DIST, EXPLORER);
  const target = join(staging, EXPLORER);
  if (existsSync(built) && stamp(STAMPS.explorer) === wanted.explorer) {
    cpSync(built, target, { recursive: true });
    return;
  }
  const bundler = installed('vite', 'bin/vite.js');
  run(bundler, ['build', '--config', config, '--outDir', target, '--emptyOutDir', '--logLevel', 'warn']);
}

function replace(next, current) {
  const old = `${current}.old-${process.pid}`;
  if (existsSync(current)) renameSync(current, old);
  renameSync(next, current);
  rmSync(old, { recursive: true, force: true });
}

/** A folder is made by exactly one; the process id inside tells whether its maker still lives. */
function lock() {
  for (;;) {
    try {
      mkdirSync(LOCK);
      writeFileSync(join(LOCK, 'pid'), String(process.pid));
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const before = holder();
    sleep(200);
    if (before === holder() && !isAlive(before)) rmSync(LOCK, { recursive: true, force: true });
  }
}

function holder() {
  const text = stamp(join(LOCK, 'pid'));
  return text === undefined || text === '' ? 0 : Number(text);
}

function isAlive(pid) {
  if (pid === 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function sleep(ms) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** The script of an installed tool, by its package's place: npm's own links differ between systems. */
function installed(name, script) {
  try {
    return join(dirname(require.resolve(`${name}/package.json`)), script);
  } catch {
    throw new BuildFailed(NEEDS_DEV);
  }
}

function run(script, args) {
  const { status, error } = spawnSync(process.execPath, [script, ...args], { cwd: ROOT, stdio: ['ignore', 2, 2] });
  if (error !== undefined) throw error;
  if (status !== 0) throw new BuildFailed('The build failed; what is wrong is told above.');
}
