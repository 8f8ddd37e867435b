import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { startEmbeddedPostgres } from '../../../src/database/embedded/launcher.js';
import { isAlive, readPostmasterPid } from '../../../src/database/embedded/postmaster-pid.js';
import { type EmbeddedProcess, startEmbeddedProcess } from '../../support/embedded-process.js';
import { waitFor } from '../../support/wait-for.js';

describe('embedded PostgreSQL', () => {
  let folder: string;
  const cleanUp: (() => unknown)[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'postern-embedded-'));
    chmodSync(folder, 0o755);
  });
  afterEach(async () => {
    for (const step of cleanUp.splice(0).toReversed()) await step();
    rmSync(folder, { recursive: true, force: true });
  });

  const start = async (options = {}, dataDir = folder): ReturnType<typeof startEmbeddedPostgres> => {
    const server = await startEmbeddedPostgres(dataDir, options);
    cleanUp.push(() => server.stop());
    return server;
  };
  const startProcess = async (): Promise<EmbeddedProcess> => {
    const other = await startEmbeddedProcess(folder);
    cleanUp.push(() => other.child.exitCode ?? other.child.signalCode ?? other.end('SIGKILL'));
    return other;
  };
  const run = async (url: string, sql: string): Promise<unknown[]> => {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end();
    }
  };
  const serverPid = async (): Promise<number | undefined> =>
    (await readPostmasterPid(join(folder, 'pg', 'cluster')))?.pid;
  const running = async (): Promise<boolean> => {
    const pid = await serverPid();
    return pid !== undefined && isAlive(pid);
  };

  it('keeps data and address over a restart, with durable settings', async () => {
    const first = await start();
    await run(first.url, 'create table kept as select 1 as one');
    const [settings] = await run(
      first.url,
      "select current_setting('fsync') f, current_setting('full_page_writes') w, current_setting('synchronous_commit') c, current_setting('data_checksums') s, current_setting('listen_addresses') l",
    );
    expect(settings).toEqual({ f: 'on', w: 'on', c: 'on', s: 'on', l: '127.0.0.1' });
    await first.stop();
    expect(await running()).toBe(false);
    const second = await start();
    expect(second.url).toBe(first.url);
    expect(await run(second.url, 'select * from kept')).toEqual([{ one: 1 }]);
  });

  it('keeps its password to itself', async () => {
    const { url } = await start();
    const { password } = new URL(url);
    expect(readFileSync(join(folder, 'pg', 'password'), 'utf8')).toBe(password);
    for (const name of ['password', 'port', 'server.log']) {
      expect(statSync(join(folder, 'pg', name)).mode & 0o777).toBe(0o600);
    }
    expect(statSync(join(folder, 'pg')).mode & 0o777).toBe(0o700);
    await expect(run(url.replace(password, 'wrong'), 'select 1')).rejects.toMatchObject({ code: '28P01' });
  });

  it('stops when its process is killed with SIGKILL, and what was committed is there', async () => {
    const other = await startProcess();
    await run(other.url, 'create table kept as select 1 as one');
    await other.end('SIGKILL');
    await waitFor(async () => !(await running()));
    const { url } = await start();
    expect(await run(url, 'select * from kept')).toEqual([{ one: 1 }]);
  });

  it('is joined by a second process, which takes over when the first one stops', async () => {
    const first = await startProcess();
    const second = await start();
    expect(second.url).toBe(first.url);
    const pid = await serverPid();
    await first.end('SIGTERM');
    await waitFor(async () => (await run(second.url, 'select 1').catch(() => [])).length === 1);
    expect(await serverPid()).not.toBe(pid);
  });

  it('does not take the server with it when a process that had only joined ends', async () => {
    const first = await start();
    const second = await startProcess();
    await second.end('SIGTERM');
    expect(await run(first.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('becomes one server when four start at once on nothing', async () => {
    const servers = await Promise.all([1, 2, 3, 4].map(() => start()));
    expect(new Set(servers.map(({ url }) => url)).size).toBe(1);
    expect(await run(servers[3]?.url ?? '', 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('starts again on the same port when the server is killed', async () => {
    const log: string[] = [];
    const { url } = await start({ log: (line: string) => log.push(line) });
    await run(url, 'create table kept as select 1 as one');
    const pid = await serverPid();
    process.kill(pid ?? 0, 'SIGKILL');
    await waitFor(async () => (await run(url, 'select * from kept').catch(() => [])).length === 1);
    expect(log).toEqual(['the embedded database ended and is started again']);
  });

  it('starts over a lock file whose process id belongs to somebody else by now', async () => {
    const first = await start();
    const cluster = join(folder, 'pg', 'cluster');
    const lock = readFileSync(join(cluster, 'postmaster.pid'), 'utf8');
    await first.stop();
    writeFileSync(join(cluster, 'postmaster.pid'), lock.replace(/^\d+/, String(process.pid)));
    const second = await start();
    expect(await run(second.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('takes another port when its own is taken', async () => {
    const first = await start();
    await first.stop();
    const squatter = createServer().listen(Number(new URL(first.url).port), '127.0.0.1');
    cleanUp.push(() => squatter.close());
    const second = await start();
    expect(second.url).not.toBe(first.url);
    expect(await run(second.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('refuses a folder that cannot be written, in one sentence', async () => {
    writeFileSync(join(folder, 'file'), '');
    await expect(start({}, join(folder, 'file', 'data'))).rejects.toMatchObject({
      name: 'EmbeddedDatabaseError',
      message: expect.stringMatching(
        /^The data folder .*file\/data cannot be written \(ENOTDIR\): .*POSTERN_DATA_DIR.*POSTERN_DATABASE_URL/,
      ),
    });
  });

  it('refuses data of another version, in one sentence', async () => {
    mkdirSync(join(folder, 'pg', 'cluster'), { recursive: true });
    writeFileSync(join(folder, 'pg', 'cluster', 'PG_VERSION'), '17\n');
    await expect(start()).rejects.toThrow(/was made by PostgreSQL 17 and this release brings 18/);
  });

  it('refuses a folder that holds something else', async () => {
    mkdirSync(join(folder, 'pg'));
    writeFileSync(join(folder, 'pg', 'diary.txt'), '');
    await expect(start()).rejects.toThrow(/pg is in the way of the embedded database/);
  });

  (process.getuid?.() === 0 ? it : it.skip)('runs for root below a folder nobody else may enter', async () => {
    chmodSync(folder, 0o700);
    const { url } = await start();
    expect(await run(url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });
});
