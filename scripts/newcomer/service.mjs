// `npm start` in the clone, as a newcomer types it.
import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { asNewcomer } from './place.mjs';

/** The first start builds the service and makes a database. */
const READY_WITHIN_MS = 240_000;
const STOPPED_WITHIN_MS = 60_000;

export class Service {
  stdout = '';
  stderr = '';

  constructor(place, env = {}, [file, ...args] = ['npm', 'start'], typed = false) {
    const options = asNewcomer(place, { POSTERN_PORT: '0', ...env });
    this.child = spawn(file, args, { ...options, detached: true, stdio: [typed ? 'pipe' : 'ignore', 'pipe', 'pipe'] });
    this.child.stdout.on('data', (chunk) => (this.stdout += chunk.toString()));
    this.child.stderr.on('data', (chunk) => (this.stderr += chunk.toString()));
    this.isOver = false;
    this.ended = new Promise((resolve) => {
      this.child.once('close', (code, signal) => {
        this.isOver = true;
        resolve(code ?? signal);
      });
    });
  }

  /** The one JSON line that tells programs what is served. */
  async ready() {
    await this.until(() => /^\{"event":"ready".*\}$/m.test(this.stdout));
    return JSON.parse(/^\{"event":"ready".*\}$/m.exec(this.stdout)[0]);
  }

  async until(condition) {
    const deadline = Date.now() + READY_WITHIN_MS;
    while (!condition()) {
      if (this.isOver) throw new Error(`it ended with ${await this.ended}:\n${this.stdout}\n${this.stderr}`);
      if (Date.now() > deadline) throw new Error(`not within ${READY_WITHIN_MS} ms:\n${this.stdout}\n${this.stderr}`);
      await sleep(50);
    }
  }

  /** SIGTERM to the command that was typed; gives its exit code. */
  async stop() {
    this.child.kill('SIGTERM');
    return this.end();
  }

  /** The exit code, however long it takes, but not forever. */
  async end() {
    const timer = setTimeout(() => this.destroy(), STOPPED_WITHIN_MS);
    const code = await this.ended;
    clearTimeout(timer);
    return code;
  }

  /** The group it leads, whatever is left of it. */
  destroy() {
    const { pid } = this.child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch (error) {
      if (error.code !== 'ESRCH') throw error;
    }
  }
}

/** Processes that were started from this folder or work in it, by their command lines. */
export function processesBelow(folder) {
  if (process.platform !== 'linux') {
    const { stdout } = spawnSync('ps', ['-A', '-o', 'command='], { encoding: 'utf8' });
    return stdout.split('\n').filter((line) => line.includes(folder));
  }
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .map((pid) => ({ command: commandOf(pid), places: [placeOf(pid, 'exe'), placeOf(pid, 'cwd')] }))
    .filter(({ command, places }) => [command, ...places].some((text) => text.includes(folder)))
    .map(({ command }) => command);
}

function commandOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
}

function placeOf(pid, link) {
  try {
    return readlinkSync(`/proc/${pid}/${link}`);
  } catch {
    return '';
  }
}
