import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Config } from '../../../src/config/config.js';
import type { MessageInput } from '../../../src/domain/check-message.js';
import type { Principal } from '../../../src/domain/principal.js';
import { RECIPIENT_STATUS_CODES as STATUS } from '../../../src/domain/recipient-status.js';
import { waitingCode } from '../../../src/domain/waiting-for.js';
import { type TestDatabase, createTestDatabase } from '../../support/postgres.js';
import { SmtpSink } from '../../support/smtp-sink.js';
import { waitFor } from '../../support/wait-for.js';
import { type Rig, draft, idOf, newPrincipal, openRig } from '../accept/rig.js';
import { type WorkerRig, openWorker } from './worker-rig.js';

const LONG = { timeoutMs: 25_000 };

describe('a provider in trouble', () => {
  let database: TestDatabase;
  let sink: SmtpSink;
  let api: Rig;
  let principal: Principal;
  let worker: WorkerRig;

  beforeEach(async () => {
    database = await createTestDatabase();
    api = openRig(database.url);
    principal = await newPrincipal(api, 'LIVE');
  });

  afterEach(async () => {
    await worker.stop();
    await api.pools.close();
    await sink.close();
    await database.drop();
  });

  const start = (port: number, settings: Partial<Config> = {}): void => {
    worker = openWorker(database.url, { smtpUrl: `smtp://127.0.0.1:${port}`, ...settings });
    worker.start();
  };

  const accept = async (count: number, input: Partial<MessageInput> = {}): Promise<string[]> =>
    Promise.all(
      Array.from({ length: count }, async (_, n) =>
        idOf(await api.acceptor.accept(principal, draft({ to: [{ address: `r${n}@example.net` }], ...input }))),
      ),
    );

  const count = async (sql: string, ...values: unknown[]): Promise<number> => {
    const { rows } = await api.pools.main.query<{ n: number }>(`select count(*)::int as n from ${sql}`, values);
    return rows[0]?.n ?? 0;
  };

  it('costs a few attempts and no more, and everything goes as soon as it is back', async () => {
    sink = await SmtpSink.start();
    const { port } = sink;
    await sink.close();
    start(port);
    await accept(200);
    const parked = 'send_job where waiting_for = $1 and waiting_on = $2 and lease is null';
    await waitFor(async () => (await count(parked, waitingCode('BREAKER'), 'smtp')) > 150, LONG);
    const wasted = await count('attempt');
    expect(wasted).toBeLessThan(45);
    expect(await count(`provider_change where change = 'OPENED' and lane = 1`)).toBe(1);

    sink = await SmtpSink.start({ port });
    // What was tried before the breaker opened waits for its retry; all others are called back.
    await sink.taken(200 - wasted);
    expect(await count('attempt where outcome = $1', 'DEFERRED')).toBe(wasted);
    await waitFor(async () => (await count(`provider_change where change = 'CLOSED'`)) >= 1, LONG);
  }, 60_000);

  it('is noticed without a message', async () => {
    sink = await SmtpSink.start();
    const { port } = sink;
    await sink.close();
    start(port);
    const shut = (): Promise<boolean> => count('pace where kind = 1').then((lanes) => lanes === 4);
    await waitFor(shut, LONG);
    await accept(5);
    await waitFor(async () => (await count('send_job where waiting_for = $1', waitingCode('BREAKER'))) === 5, LONG);
    expect(await count('attempt')).toBe(0);
    sink = await SmtpSink.start({ port });
    await sink.taken(5);
  }, 60_000);

  it('that has only one destination in trouble is not slowed for the others', async () => {
    sink = await SmtpSink.start({
      refuse: (to) => (to.endsWith('@slow.test') ? '421 4.7.0 Try again later' : undefined),
    });
    start(sink.port);
    await Promise.all([
      accept(20, { to: [{ address: 'a@slow.test' }] }),
      ...Array.from({ length: 10 }, (_, n) => accept(18, { to: [{ address: `b@fine${n}.test` }] })),
    ]);
    await sink.taken(180);
    expect(await count('pace where key like $1', 'lane/%')).toBe(0);
    expect(await count('attempt where outcome = $1', 'DEFERRED')).toBeLessThanOrEqual(20);
  }, 60_000);

  it('a destination that hangs leaves room for the others of its lane', async () => {
    sink = await SmtpSink.start({ hang: (to) => to.endsWith('@hangs.test') });
    start(sink.port, { slotsTransactional: 8, smtpCommandTimeoutMs: 60_000 });
    await accept(30, { to: [{ address: 'a@hangs.test' }] });
    await waitFor(async () => (await count('send_job where waiting_for = $1', waitingCode('SITE'))) > 0, LONG);
    await Promise.all(Array.from({ length: 5 }, (_, n) => accept(8, { to: [{ address: `b@fine${n}.test` }] })));
    await sink.taken(40);
  }, 60_000);

  it('played by the sandbox troubles nobody else there', async () => {
    sink = await SmtpSink.start();
    start(sink.port);
    const trouble = ['in-doubt', 'deferred', 'bounced'].map((local) =>
      accept(12, { to: [{ address: `${local}@postern.test` }] }),
    );
    await Promise.all(trouble);
    await waitFor(async () => (await count(`attempt where outcome in ('IN_DOUBT', 'DEFERRED')`)) >= 24, LONG);
    const [id = ''] = await accept(1, { to: [{ address: 'delivered@postern.test' }] });
    await waitFor(
      async () => (await count('recipient where message_id = $1 and status = $2', id, STATUS.DELIVERED)) === 1,
    );
    expect(await count('pace')).toBe(0);
  }, 30_000);

  it('a paused lane waits, says so, and goes on when it is resumed', async () => {
    sink = await SmtpSink.start();
    await api.pools.main.query(`insert into lane_pause (lane, reason) values (1, 'maintenance')`);
    start(sink.port);
    const [id = ''] = await accept(1);
    const [code = ''] = await accept(1, { lane: 'OTP', to: [{ address: 'code@example.net' }] });
    await sink.taken(1);
    const [waiting] = await api.messages.recipients(principal.tenantId, [id]);
    expect(waiting).toMatchObject({ status: STATUS.QUEUED, lanePaused: true });
    expect((await api.messages.recipients(principal.tenantId, [code]))[0]?.lanePaused).toBe(false);
    await api.pools.main.query('delete from lane_pause');
    worker.signals.publish('lanes');
    await sink.taken(2);
  }, 30_000);
});
