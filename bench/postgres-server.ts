import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';

const DEBIAN = '/usr/lib/postgresql';

/** The newest PostgreSQL installed on this machine, as a folder of programs; undefined without one. */
export function installedPostgres(): string | undefined {
  if (!existsSync(DEBIAN)) return undefined;
  const [newest] = readdirSync(DEBIAN).toSorted((a, b) => Number(b) - Number(a));
  const bin = newest === undefined ? '' : join(DEBIAN, newest, 'bin');
  return existsSync(join(bin, 'postgres')) ? bin : undefined;
}

/** PostgreSQL refuses to run as root, so root lends it another user. */
export function serverUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string): number => {
    try {
      return Number(execFileSync('id', [flag, 'postgres'], { stdio: ['ignore', 'pipe', 'ignore'] }).toString());
    } catch {
      return 65534;
    }
  };
  return { uid: id('-u'), gid: id('-g') };
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    return false;
  }
}

/** Where a server keeps what it writes, when that is not one folder made for it, and how it is set. */
interface Placing {
  readonly data: string;
  readonly wal: string;
  readonly settings: readonly string[];
}

/** A PostgreSQL of its own for one run, on loopback, with its defaults for durability (fsync on). */
export class PostgresServer {
  readonly url: string;
  private readonly bin: string;
  private readonly home: string;
  private readonly data: string;
  private readonly port: number;
  private readonly settings: readonly string[];
  private child: ChildProcess | undefined;

  private constructor(bin: string, home: string, port: number, placing: Placing | undefined) {
    this.bin = bin;
    this.home = home;
    this.data = placing?.data ?? join(home, 'data');
    this.port = port;
    this.settings = placing?.settings ?? ['shared_buffers=512MB', 'max_wal_size=4GB'];
    this.url = `postgres://postern@127.0.0.1:${port}/postgres`;
  }

  static async start(bin: string, placing?: Placing): Promise<PostgresServer> {
    const home = mkdtempSync(join(tmpdir(), 'postern-pg-'));
    const user = serverUser();
    if (user !== undefined) chownSync(home, user.uid, user.gid);
    const server = new PostgresServer(bin, home, await freePort(), placing);
    mkdirSync(server.data, { mode: 0o700 });
    if (user !== undefined) chownSync(server.data, user.uid, user.gid);
    const wal = placing === undefined ? [] : ['-X', placing.wal];
    const form = ['-U', 'postern', '-A', 'trust', '-E', 'UTF8', '--no-locale'];
    execFileSync(join(bin, 'initdb'), ['-D', server.data, ...wal, ...form], { ...user, cwd: '/', stdio: 'ignore' });
    await server.run();
    return server;
  }

  get pid(): number {
    return this.child?.pid ?? 0;
  }

  /** Starts the server on its data, after a crash as well, and waits until it answers. */
  async run(): Promise<void> {
    const settings = [
      ...this.settings,
      'max_connections=200',
      'listen_addresses=127.0.0.1',
      'unix_socket_directories=',
    ];
    const args = ['-D', this.data, '-p', String(this.port), ...settings.flatMap((line) => ['-c', line])];
    const begin = (): ChildProcess =>
      spawn(join(this.bin, 'postgres'), args, { ...serverUser(), cwd: '/', stdio: 'ignore' });
    let child = begin();
    while (!(await answers(this.url))) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      // After a crash it refuses to start until the last backend of the old server has ended.
      if (child.exitCode !== null) child = begin();
    }
    this.child = child;
  }

  /** SIGKILL to the server and, through its death, to every backend: what a power cut does to processes. */
  async kill(): Promise<void> {
    const child = this.child;
    if (child?.pid === undefined || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  async stop(): Promise<void> {
    const child = this.child;
    if (child?.pid !== undefined && child.exitCode === null) {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGINT');
      await ended;
    }
    rmSync(this.home, { recursive: true, force: true });
  }
}
