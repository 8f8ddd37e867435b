import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase } from '../support/postgres.js';
import { type EndedPostern, type RunningPostern, runPostern, startPostern } from '../support/start-postern.js';

/** One clear sentence on stderr, nothing on stdout, no stack trace, the right code. */
function expectRefusal(ended: EndedPostern, code: number, ...words: string[]): void {
  expect(ended.stderr.trim().split('\n')).toHaveLength(1);
  for (const word of words) expect(ended.stderr).toContain(word);
  expect(ended.stderr).not.toMatch(/^\s+at |Error:|secret/m);
  expect(ended.stdout).toBe('');
  expect(ended.code).toBe(code);
}

describe('a service that cannot start', () => {
  it('names a bad variable but not its value', async () => {
    expectRefusal(await runPostern({ POSTERN_PORT: 'secret' }), 78, 'POSTERN_PORT');
  });

  it('names every problem at once', async () => {
    const ended = await runPostern({ POSTERN_PORT: '70000', POSTERN_PROT: '1', POSTERN_ROLE: 'boss' });
    expect(ended.code).toBe(78);
    expect(ended.stderr.trim().split('\n')).toHaveLength(3);
    for (const name of ['POSTERN_PORT', 'POSTERN_PROT', 'POSTERN_ROLE']) expect(ended.stderr).toContain(`${name}: `);
  });

  it('names what it could only have failed on later, with the form that is needed', async () => {
    const ended = await runPostern({
      POSTERN_SMTP_URL: 'smtp://127.0.0.1:25?secret=1',
      POSTERN_SMTP_TLS_CA: 'secret',
      POSTERN_SMTP_EHLO_NAME: 'a secret name',
      POSTERN_RETURN_PATH: 'no address, a secret',
    });
    expect(ended.code).toBe(78);
    expect(ended.stderr).not.toContain('secret');
    expect(ended.stderr.trim().split('\n')).toEqual([
      expect.stringMatching(/^POSTERN_SMTP_URL: .* query /),
      expect.stringMatching(/^POSTERN_SMTP_TLS_CA: .* PEM form/),
      expect.stringMatching(/^POSTERN_SMTP_EHLO_NAME: .* mail\.example\.com/),
      expect.stringMatching(/^POSTERN_RETURN_PATH: .* bounces@example\.com/),
    ]);
  });

  it('names the port that is in use', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    try {
      expectRefusal(await runPostern({ POSTERN_PORT: String(port) }), 78, `Port ${port}`, 'POSTERN_PORT');
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it('names a host that is not its own', async () => {
    expectRefusal(await runPostern({ POSTERN_HOST: '192.0.2.1' }), 78, 'POSTERN_HOST');
  });

  it('names the folder it cannot write', async () => {
    // Root may write everywhere, but not below a file.
    const file = join(tmpdir(), `postern-not-a-folder-${randomUUID()}`);
    writeFileSync(file, '');
    expectRefusal(await runPostern({ POSTERN_DATA_DIR: join(file, 'data') }), 78, file, 'POSTERN_DATA_DIR');
  });

  it('names the database it cannot reach, without its password, after having waited for it', async () => {
    const began = performance.now();
    const ended = await runPostern({ POSTERN_DATABASE_URL: 'postgres://me:secret@127.0.0.1:1/x' });
    expectRefusal(ended, 69, '127.0.0.1:1', 'POSTERN_DATABASE_URL');
    expect(performance.now() - began).toBeGreaterThan(8000);
  });

  it('does not wait for a database that refuses the password, or is not there', async () => {
    const database = await createTestDatabase();
    const wrong = new URL(database.url);
    wrong.password = 'secret';
    const missing = new URL(database.url);
    missing.pathname = '/nothing_of_that_name';
    const refused = await runPostern({ POSTERN_DATABASE_URL: wrong.href });
    const notThere = await runPostern({ POSTERN_DATABASE_URL: missing.href });
    await database.drop();
    expectRefusal(refused, 78, 'password', 'POSTERN_DATABASE_URL');
    expectRefusal(notThere, 78, 'no such database', 'POSTERN_DATABASE_URL');
  });
});

describe('a service that starts', () => {
  let api: RunningPostern;
  let worker: RunningPostern;

  beforeAll(async () => {
    api = await startPostern({ role: 'api' });
    worker = await startPostern({ role: 'worker', env: { POSTERN_DATABASE_URL: api.databaseUrl ?? '' } });
  }, 60_000);
  afterAll(async () => {
    await worker.stop();
    await api.stop();
  }, 30_000);

  const status = async (url: string): Promise<number> => (await fetch(url)).status;

  it('prints exactly one line, of JSON, and logs nothing at info about its own making', () => {
    expect(api.output().trim().split('\n')).toHaveLength(1);
    expect(api.ready).toMatchObject({ event: 'ready', role: 'api', database: 'external', relay: false });
    expect(api.key).toMatch(/^pst_test_/);
    expect(api.log()).toBe('');
  });

  it('answers probes and scrapes without a key', async () => {
    for (const { url } of [api, worker]) {
      for (const path of ['/livez', '/readyz', '/startupz', '/metrics']) {
        expect([path, await status(url + path)]).toEqual([path, 200]);
      }
    }
    const metrics = await (await fetch(`${api.url}/metrics`)).text();
    for (const name of ['messages_accepted_total', 'attempts_total', 'queue_depth', 'accept_duration_seconds']) {
      expect(metrics).toContain(`# TYPE postern_${name} `);
    }
    expect(metrics).toContain('nodejs_eventloop_lag_p99_seconds');
  });

  it('has no door for callers in a worker, and no key from a second process', async () => {
    expect(worker.key).toBe('');
    expect(worker.ready).not.toHaveProperty('graphql');
    expect(await status(`${worker.url}/graphql`)).toBe(404);
    expect(await status(`${worker.url}/inbox`)).toBe(404);
  });
});
