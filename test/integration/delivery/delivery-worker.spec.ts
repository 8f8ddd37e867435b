import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EVENT_TYPE_CODES as EVENT } from '../../../src/domain/delivery-event.js';
import type { MessageInput } from '../../../src/domain/check-message.js';
import type { Principal } from '../../../src/domain/principal.js';
import { RECIPIENT_STATUS_CODES as STATUS } from '../../../src/domain/recipient-status.js';
import { type TestDatabase, createTestDatabase } from '../../support/postgres.js';
import { SmtpSink } from '../../support/smtp-sink.js';
import { waitFor } from '../../support/wait-for.js';
import { type Rig, draft, idOf, newPrincipal, openRig } from '../accept/rig.js';
import { type WorkerRig, claimAll, eventsOf, openWorker, recipientOf } from './worker-rig.js';

describe('a worker', () => {
  let database: TestDatabase;
  let sink: SmtpSink;
  let api: Rig;
  let principal: Principal;
  let workers: WorkerRig[];

  const worker = (settings: Parameters<typeof openWorker>[1] = {}): WorkerRig => {
    const opened = openWorker(database.url, { smtpUrl: `smtp://127.0.0.1:${sink.port}`, ...settings });
    workers.push(opened);
    return opened;
  };

  const accept = async (input: Partial<MessageInput> = {}): Promise<string> =>
    idOf(await api.acceptor.accept(principal, draft(input)));

  const status = async (id: string): Promise<unknown> => (await recipientOf(api.pools, id))['status'];

  const dueNow = (id: string): Promise<unknown> =>
    api.pools.main.query(`update send_job set run_at = now() where message_id = $1`, [id]);

  beforeEach(async () => {
    database = await createTestDatabase();
    sink = await SmtpSink.start({ keep: true });
    api = openRig(database.url);
    principal = await newPrincipal(api, 'LIVE');
    workers = [];
  });

  afterEach(async () => {
    for (const opened of workers) await opened.stop();
    await api.pools.close();
    await sink.close();
    await database.drop();
  });

  it('hands a message over to the relay and tells so', async () => {
    const id = await accept({ subject: 'Grüße' });
    worker().start();
    await waitFor(async () => (await status(id)) === STATUS.HANDED_OFF);
    expect(await recipientOf(api.pools, id)).toMatchObject({ attempts: 1, smtp_code: 250, run_at: null });
    expect(await eventsOf(api.pools, id)).toEqual([EVENT.ACCEPTED, EVENT.HANDED_OFF]);
    expect(sink.mails).toHaveLength(1);
    expect(sink.mails[0]).toMatchObject({ from: 'ada@example.com', to: ['bob@example.net'] });
    const { rows } = await api.pools.main.query(
      'select attempt, outcome, provider from attempt where message_id = $1',
      [id],
    );
    expect(rows).toEqual([{ attempt: 1, outcome: 'ACCEPTED', provider: expect.any(String) }]);
  });

  it('hands over to every recipient alone, blind ones included, the same bytes', async () => {
    await accept({ cc: [{ address: 'c@example.net' }], bcc: [{ address: 'd@example.net' }] });
    worker().start();
    await sink.taken(3);
    expect(sink.mails.map(({ to }) => to.join()).toSorted()).toEqual([
      'bob@example.net',
      'c@example.net',
      'd@example.net',
    ]);
    const [first] = sink.mails;
    for (const { raw } of sink.mails) expect(raw.equals(first?.raw ?? Buffer.alloc(0))).toBe(true);
    expect(first?.raw.toString()).not.toContain('d@example.net');
  });

  it('bounces what is refused for good, with reason, code and text', async () => {
    const id = await accept({ to: [{ address: 'bounced@postern.test' }] });
    worker().start();
    await waitFor(async () => (await status(id)) === STATUS.BOUNCED);
    expect(await recipientOf(api.pools, id)).toMatchObject({
      reason: 'BAD_MAILBOX',
      smtp_code: 550,
      enhanced_code: '5.1.1',
    });
    expect(sink.accepted).toBe(0);
  });

  it('tries again what is put off, and delivers it then', async () => {
    const id = await accept({ to: [{ address: 'soft-bounced@postern.test' }], lane: 'OTP' });
    worker().start();
    await waitFor(async () => (await status(id)) === STATUS.DEFERRED);
    const waiting = await recipientOf(api.pools, id);
    expect(waiting).toMatchObject({ attempts: 1, lease: null });
    expect((waiting['run_at'] as Date).getTime()).toBeGreaterThan(Date.now() + 5000);
    await dueNow(id);
    await waitFor(async () => (await status(id)) === STATUS.DELIVERED);
    expect(await eventsOf(api.pools, id)).toEqual([EVENT.ACCEPTED, EVENT.DEFERRED, EVENT.HANDED_OFF, EVENT.DELIVERED]);
  });

  it('in doubt with HOLD is never sent twice; with RESEND it is sent again', async () => {
    const to = [{ address: 'in-doubt@postern.test' }];
    const hold = await accept({ to, inDoubt: 'HOLD' });
    const resend = await accept({ to, inDoubt: 'RESEND' });
    worker().start();
    await waitFor(async () => (await status(hold)) === STATUS.IN_DOUBT && (await status(resend)) === STATUS.IN_DOUBT);
    expect(await recipientOf(api.pools, hold)).toMatchObject({ run_at: null });
    await dueNow(resend);
    await waitFor(async () => (await status(resend)) === STATUS.DELIVERED);
    expect(await eventsOf(api.pools, resend)).toEqual([
      EVENT.ACCEPTED,
      EVENT.IN_DOUBT,
      EVENT.HANDED_OFF,
      EVENT.DELIVERED,
    ]);
  });

  it('does not send what has expired', async () => {
    const id = await accept({ expiresAt: new Date(Date.now() + 60_000) });
    await api.pools.main.query(`update send_job set expires_at = now() - interval '1 s' where message_id = $1`, [id]);
    worker().start();
    await waitFor(async () => (await status(id)) === STATUS.EXPIRED);
    expect(sink.accepted).toBe(0);
  });

  it('takes up what a vanished worker held, and labels it', async () => {
    const id = await accept();
    const dead = worker();
    await claimAll(dead.jobs, principal);
    await dueNow(id);
    worker().start();
    await waitFor(async () => (await status(id)) === STATUS.HANDED_OFF);
    expect(await eventsOf(api.pools, id)).toEqual([EVENT.ACCEPTED, EVENT.ATTEMPT_LOST, EVENT.HANDED_OFF]);
  });

  it('puts a message aside after three workers vanished with it', async () => {
    const id = await accept();
    await api.pools.main.query(
      `update send_job set lease = gen_random_uuid(), lost = 2, attempt = 3 where message_id = $1`,
      [id],
    );
    worker().start();
    await waitFor(async () => (await status(id)) === STATUS.HELD);
    expect(await recipientOf(api.pools, id)).toMatchObject({ run_at: null });
    expect((await eventsOf(api.pools, id)).at(-1)).toBe(EVENT.QUARANTINED);
    expect(sink.accepted).toBe(0);
  });

  it('is woken by news and does not wait for its next look', async () => {
    const opened = worker();
    opened.start();
    await waitFor(
      async () => (await opened.jobs.activeTenants('OTP', '00000000-0000-0000-0000-000000000000')).tenants.length === 0,
    );
    const id = await accept({ lane: 'OTP' });
    const accepted = performance.now();
    opened.signals.publish('jobs', 'OTP');
    await sink.taken(1);
    // The look that is taken without news is a second away.
    expect(performance.now() - accepted).toBeLessThan(500);
    await waitFor(async () => (await status(id)) === STATUS.HANDED_OFF);
  });

  it('shares the work with other workers without sending anything twice', async () => {
    await Promise.all(Array.from({ length: 300 }, (_, i) => accept({ to: [{ address: `r${i}@example.net` }] })));
    for (const opened of [worker(), worker(), worker()]) opened.start();
    await sink.taken(300);
    await waitFor(async () => {
      const { rows } = await api.pools.main.query<{ n: number }>('select count(*)::int as n from send_job');
      return rows[0]?.n === 0;
    });
    expect(sink.accepted).toBe(300);
    expect(Math.max(...sink.perRecipient.values())).toBe(1);
  });

  it('gives back what it did not start when it is stopped, and loses and doubles nothing', async () => {
    const slow = await SmtpSink.start({ delayMs: 30 });
    const settings = { smtpUrl: `smtp://127.0.0.1:${slow.port}`, slotsTransactional: 4 };
    await Promise.all(Array.from({ length: 60 }, (_, i) => accept({ to: [{ address: `r${i}@example.net` }] })));
    for (let restart = 0; restart < 4; restart += 1) {
      const opened = openWorker(database.url, settings);
      const before = slow.accepted;
      opened.start();
      await waitFor(() => slow.accepted > before + 3);
      await opened.stop();
      const { rows } = await api.pools.main.query<{ leased: number }>(
        'select count(*)::int as leased from send_job where lease is not null',
      );
      expect(rows[0]?.leased).toBe(0);
    }
    worker(settings).start();
    await slow.taken(60);
    await waitFor(async () => {
      const { rows } = await api.pools.main.query<{ n: number }>('select count(*)::int as n from send_job');
      return rows[0]?.n === 0;
    });
    expect([slow.accepted, Math.max(...slow.perRecipient.values())]).toEqual([60, 1]);
    for (const opened of workers.splice(0)) await opened.stop();
    await slow.close();
  });

  it('writes nothing once its lease belongs to somebody else', async () => {
    const slow = await SmtpSink.start({ delayMs: 300 });
    const id = await accept();
    worker({ smtpUrl: `smtp://127.0.0.1:${slow.port}` }).start();
    await waitFor(async () => (await recipientOf(api.pools, id))['lease'] !== null);
    await api.pools.main.query(
      `update send_job set lease = gen_random_uuid(), run_at = now() + interval '1 h' where message_id = $1`,
      [id],
    );
    await slow.taken(1);
    const [opened] = workers.splice(0);
    await opened?.stop();
    expect(await eventsOf(api.pools, id)).toEqual([EVENT.ACCEPTED]);
    expect(await status(id)).toBe(STATUS.QUEUED);
    await slow.close();
  });

  it('keeps a lane free of what happens in another', async () => {
    const slow = await SmtpSink.start({ delayMs: 400 });
    const settings = { smtpUrl: `smtp://127.0.0.1:${slow.port}`, slotsBulk: 2, slotsOtp: 2 };
    await Promise.all(Array.from({ length: 40 }, () => accept({ lane: 'BULK' })));
    worker(settings).start();
    await slow.taken(2);
    const id = await accept({ lane: 'OTP' });
    workers[0]?.signals.publish('jobs', 'OTP');
    await waitFor(async () => (await status(id)) === STATUS.HANDED_OFF);
    expect(slow.accepted).toBeLessThan(20);
    for (const opened of workers.splice(0)) await opened.stop();
    await slow.close();
  });

  it('finds by its sweep a recipient that everybody forgot', async () => {
    const id = await accept();
    await api.pools.main.query('delete from send_job where message_id = $1', [id]);
    const opened = worker();
    expect(await opened.sweeper.sweep()).toBe(0);
    await api.pools.main.query(`update recipient set updated_at = now() - interval '1 h' where message_id = $1`, [id]);
    expect(await opened.sweeper.sweep()).toBe(1);
    opened.start();
    await waitFor(async () => (await status(id)) === STATUS.HANDED_OFF);
  });
});
