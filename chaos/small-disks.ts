import { execFileSync } from 'node:child_process';
import { chownSync, closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PostgresServer, installedPostgres, serverUser } from '../bench/postgres-server.ts';
import { type KillableDatabase, type Volume, rowsOf } from './killable-database.ts';
import { until } from './until.ts';

const MIB = 1024 * 1024;
const SIZES: Readonly<Record<Volume, number>> = { data: 512, WAL: 128 };
/** Several leases: what was handed over meanwhile could not be recorded in time. */
const FULL_MS = 10_000;
/** Until the segments it has are written full. */
const FALLS_WITHIN_MS = 60_000;

/** Why there can be no volumes of a fixed size here, if so. */
export function whyNoSmallDisks(): string | undefined {
  if (process.getuid?.() !== 0) return 'Only root can mount the small volumes it needs.';
  if (installedPostgres() === undefined) return 'It needs an installed PostgreSQL.';
  const folder = mkdtempSync(join(tmpdir(), 'postern-disk-'));
  try {
    mount(folder, 1);
    unmount(folder);
    return undefined;
  } catch {
    return 'No small volumes can be mounted here.';
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A PostgreSQL whose data and whose WAL are each on a small volume in memory that can be filled up. */
export class SmallDisks implements KillableDatabase {
  readonly url: string;
  private readonly server: PostgresServer;
  private readonly folder: string;

  private constructor(server: PostgresServer, folder: string) {
    this.server = server;
    this.folder = folder;
    this.url = server.url;
  }

  static async start(bin: string): Promise<SmallDisks> {
    const folder = mkdtempSync(join(tmpdir(), 'postern-disks-'));
    const user = serverUser();
    if (user !== undefined) chownSync(folder, user.uid, user.gid);
    for (const volume of ['data', 'WAL'] as const) {
      const at = join(folder, volume);
      mkdirSync(at);
      mount(at, SIZES[volume]);
      if (user !== undefined) chownSync(at, user.uid, user.gid);
    }
    const server = await PostgresServer.start(bin, {
      data: join(folder, 'data', 'cluster'),
      wal: join(folder, 'WAL', 'segments'),
      settings: ['shared_buffers=128MB', 'min_wal_size=32MB', 'max_wal_size=64MB'],
    });
    return new SmallDisks(server, folder);
  }

  kill(): Promise<void> {
    return this.server.kill();
  }

  run(): Promise<void> {
    return this.server.run();
  }

  /** Without room for data statements fail; without room for WAL the server ends, and is started when there is room. */
  async fill(volume: Volume): Promise<void> {
    const filler = join(this.folder, volume, 'filler');
    const file = openSync(filler, 'w');
    try {
      const end = performance.now() + (volume === 'data' ? FULL_MS : FALLS_WITHIN_MS);
      while (performance.now() < end) {
        writeFull(file);
        if (volume === 'WAL' && !(await this.answers())) break;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      if (volume === 'WAL' && (await this.answers())) throw new Error('the server never ran out of WAL');
    } finally {
      closeSync(file);
      rmSync(filler);
    }
    if (volume === 'WAL') {
      await this.kill();
      await this.run();
    }
  }

  async stop(): Promise<void> {
    await this.server.stop();
    for (const volume of ['data', 'WAL']) unmount(join(this.folder, volume));
    rmSync(this.folder, { recursive: true, force: true });
  }

  private answers(): Promise<boolean> {
    return until(async () => (await rowsOf(this.url, 'select')).length === 1, 1000);
  }
}

/** Takes all the room there is, also what has become free since. */
function writeFull(file: number): void {
  for (const bytes of [MIB, 8192]) {
    const block = Buffer.alloc(bytes);
    try {
      for (;;) writeSync(file, block);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
    }
  }
}

function mount(folder: string, mebibytes: number): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', folder], { stdio: 'ignore' });
}

function unmount(folder: string): void {
  execFileSync('umount', [folder], { stdio: 'ignore' });
}
