import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, open, readFile, rename, stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { programOf } from './platform-binaries.js';
import { readPostmasterPid } from './postmaster-pid.js';
import type { Site } from './site.js';

/**
 * A shell stands between: while its standard input is open this process lives; at its end, however
 * it came about (kill -9 as well), the server is told to stop. It runs in a session of its own, so
 * that Ctrl-C reaches this process first and the database only after the last result is written.
 */
const GUARD = `exec 3<&0
"$0" "$@" </dev/null >&2 3<&- &
p=$!
echo "$p"
exec >&2
(read -r x <&3; kill -INT "$p") 2>/dev/null &
g=$!
exec 3<&-
trap 'kill -INT "$p"' TERM INT
wait "$p"; code=$?
while kill -0 "$p" 2>/dev/null; do wait "$p"; code=$?; done
kill "$g" 2>/dev/null
exit "$code"`;

const LARGEST_LOG_BYTES = 5 * 1024 * 1024;

/** Fast shutdown writes a checkpoint; past this the server is stopped at once and recovers at its next start. */
const STOP_WITHIN_MS = 20_000;

/** A PostgreSQL server that lives at most as long as this process. */
export class ServerProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly pid: number,
  ) {}

  /** Starts the server and waits until it answers, however long recovery takes; undefined with the reason when it ended instead. */
  static async start(
    site: Site,
    port: number,
    extraSettings: readonly string[],
  ): Promise<ServerProcess | { failed: string }> {
    const { folder, binaries, as } = site;
    const log = await openLog(site);
    const begin = (await log.stat()).size;
    const args = ['-D', folder.cluster, ...flags(port, extraSettings)];
    const program = programOf(binaries, 'postgres');
    const {
      file,
      args: all,
      options,
    } = process.platform === 'win32'
      ? as.command(program, args)
      : as.command('/bin/sh', ['-c', GUARD, program, ...args]);
    const child = spawn(file, all, {
      ...options,
      detached: process.platform !== 'win32',
      stdio: ['pipe', 'pipe', log.fd],
    });
    const ended = new Promise<void>((resolve) => {
      child.once('error', () => resolve());
      child.once('exit', () => resolve());
    });
    const pid = await Promise.race([firstLine(child), ended.then(() => undefined)]);
    await log.close();
    const server = pid === undefined ? undefined : await untilReady(new ServerProcess(child, pid), folder.cluster);
    if (server === undefined) return { failed: await lastWords(folder.logFile, begin) };
    server.letGo();
    return server;
  }

  /** Whether the server has ended. */
  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Stops the server cleanly and waits for its end. */
  async stop(): Promise<void> {
    if (this.hasEnded) return;
    this.child.ref();
    const ended = once(this.child, 'exit');
    this.child.stdin?.end();
    if (process.platform === 'win32') this.child.kill();
    const late = setTimeout(() => this.stopAtOnce(), STOP_WITHIN_MS);
    await ended;
    clearTimeout(late);
  }

  private stopAtOnce(): void {
    try {
      process.kill(this.pid, 'SIGQUIT');
    } catch {
      // It ended in the meantime.
    }
  }

  /** A server alone must not keep this process from ending. */
  private letGo(): void {
    this.child.unref();
    for (const pipe of [this.child.stdin, this.child.stdout]) {
      if (pipe instanceof Socket) pipe.unref();
    }
  }
}

function flags(port: number, extra: readonly string[]): string[] {
  const settings = [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    // Socket paths are limited to 107 bytes, data folders are not.
    'unix_socket_directories=',
    'shared_buffers=256MB',
    // Recovery of 6 GB took 59 s.
    'max_wal_size=2GB',
    'checkpoint_timeout=5min',
    'wal_compression=on',
    'max_connections=60',
    'idle_in_transaction_session_timeout=30s',
    'jit=off',
    'timezone=UTC',
    'log_timezone=UTC',
    // Details and statements of errors hold addresses.
    'log_error_verbosity=terse',
    'log_min_error_statement=panic',
    'log_checkpoints=off',
    // Containers have 64 MB of /dev/shm.
    ...(process.platform === 'linux' ? ['dynamic_shared_memory_type=mmap'] : []),
    ...extra,
  ];
  return settings.flatMap((setting) => ['-c', setting]);
}

async function openLog({ folder, as }: Site): Promise<Awaited<ReturnType<typeof open>>> {
  const size = await stat(folder.logFile).then(
    (found) => found.size,
    () => 0,
  );
  if (size > LARGEST_LOG_BYTES) await rename(folder.logFile, `${folder.logFile}.1`);
  const log = await open(folder.logFile, 'a', 0o600);
  await chmod(folder.logFile, 0o600);
  if (as.owner !== undefined) await chown(folder.logFile, as.owner.uid, as.owner.gid);
  return log;
}

/** The guard tells the server's process id before anything else. */
async function firstLine(child: ChildProcess): Promise<number | undefined> {
  if (process.platform === 'win32') return child.pid;
  if (child.stdout === null) return undefined;
  const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
  return Number(chunk.toString());
}

async function untilReady(server: ServerProcess, cluster: string): Promise<ServerProcess | undefined> {
  while (!server.hasEnded) {
    const found = await readPostmasterPid(cluster);
    if (found?.pid === server.pid && found.status === 'ready') return server;
    await sleep(10);
  }
  return undefined;
}

async function lastWords(logFile: string, begin: number): Promise<string> {
  const said = (await readFile(logFile)).subarray(begin).toString();
  const fatal = /^.*(?:FATAL|PANIC):\s*(.+)$/m.exec(said)?.[1];
  return fatal ?? said.trim().split('\n').at(-1) ?? '';
}
