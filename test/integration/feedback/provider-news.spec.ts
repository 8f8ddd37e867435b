import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Signals } from '../../../src/database/signals.js';
import type { MessageInput } from '../../../src/domain/check-message.js';
import { EVENT_TYPE_CODES as EVENT } from '../../../src/domain/delivery-event.js';
import type { Principal } from '../../../src/domain/principal.js';
import { RECIPIENT_STATUS_CODES as STATUS } from '../../../src/domain/recipient-status.js';
import { EventRecorder } from '../../../src/events/event-recorder.js';
import { NewsRecorder } from '../../../src/feedback/news-recorder.js';
import { NewsSweeper } from '../../../src/feedback/news-sweeper.js';
import { NewsRepository } from '../../../src/feedback/news.repository.js';
import type { NewsKind, ProviderNews } from '../../../src/feedback/read/provider-news.js';
import { MAILGUN_DOMAIN, MAILGUN_KEY, MailgunStandIn } from '../../support/mailgun-stand-in.js';
import { type TestDatabase, createTestDatabase } from '../../support/postgres.js';
import { waitFor } from '../../support/wait-for.js';
import { type Rig, draft, idOf, newPrincipal, openRig } from '../accept/rig.js';
import { type WorkerRig, eventsOf, openWorker, recipientOf } from '../delivery/worker-rig.js';

const LONG = { timeoutMs: 20_000 };

let database: TestDatabase;
let api: Rig;
let principal: Principal;
let signals: Signals;
let recorder: NewsRecorder;

beforeEach(async () => {
  database = await createTestDatabase();
  api = openRig(database.url);
  principal = await newPrincipal(api, 'LIVE');
  signals = new Signals(database.url);
  recorder = new NewsRecorder(api.pools, new NewsRepository(), new EventRecorder(signals));
});

afterEach(async () => {
  await signals.onApplicationShutdown();
  await api.pools.close();
  await database.drop();
});

const accept = async (input: Partial<MessageInput> = {}): Promise<string> =>
  idOf(await api.acceptor.accept(principal, draft(input)));

const news = (messageId: string, kind: NewsKind): ProviderNews => ({
  kind,
  recipient: { tenantId: principal.tenantId, messageId, n: 0 },
  occurredAt: new Date('2026-03-01T10:00:00Z'),
  reply: { code: 250, enhanced: '2.0.0', text: 'OK' },
});

const statusOf = async (id: string): Promise<unknown> => (await recipientOf(api.pools, id))['status'];

describe('news of a provider', () => {
  it('are recorded once, however often and at once they come', async () => {
    const id = await accept();
    const results = await Promise.all(
      Array.from({ length: 8 }, (_, n) => recorder.record('mailgun', [`token ${n}`, 'event 1'], news(id, 'DELIVERED'))),
    );
    expect(results.toSorted()).toEqual(['recorded', ...Array.from({ length: 7 }, () => 'repeated')]);
    expect(await eventsOf(api.pools, id)).toEqual([EVENT.ACCEPTED, EVENT.RESOLVED, EVENT.DELIVERED]);
    expect(await recipientOf(api.pools, id)).toMatchObject({ status: STATUS.DELIVERED, smtp_code: 250, reply: 'OK' });
  });

  it('under a token that is used up do not use up their own name', async () => {
    const id = await accept();
    expect(await recorder.record('p', ['token 1', 'event 1'], news(id, 'TAKEN'))).toBe('recorded');
    expect(await recorder.record('p', ['token 1', 'event 2'], news(id, 'BOUNCED'))).toBe('repeated');
    expect(await recorder.record('p', ['token 2', 'event 2'], news(id, 'DELIVERED'))).toBe('recorded');
    expect(await statusOf(id)).toBe(STATUS.DELIVERED);
  });

  it('of two providers may have the same name', async () => {
    const id = await accept();
    expect(await recorder.record('one', ['1'], news(id, 'TAKEN'))).toBe('recorded');
    expect(await recorder.record('two', ['1'], news(id, 'DELIVERED'))).toBe('recorded');
  });

  it.each([
    [['TAKEN', 'DELIVERED', 'BOUNCED']],
    [['BOUNCED', 'DELIVERED', 'TAKEN']],
    [['DELIVERED', 'BOUNCED', 'DELAYED']],
  ] as const)('leave the recipient where it is in any order: %j', async (kinds) => {
    const id = await accept();
    for (const [n, kind] of kinds.entries()) await recorder.record('p', [String(n)], news(id, kind));
    expect(await statusOf(id)).toBe(STATUS.BOUNCED);
  });

  it('of nobody here are taken and change nothing', async () => {
    expect(await recorder.record('p', ['1'], news('01936f1e-0000-7000-8000-000000000002', 'DELIVERED'))).toBe(
      'nobodys',
    );
    const id = await accept();
    const other = { ...news(id, 'DELIVERED'), recipient: { tenantId: principal.tenantId, messageId: id, n: 7 } };
    expect(await recorder.record('p', ['2'], other)).toBe('nobodys');
    expect(await eventsOf(api.pools, id)).toEqual([EVENT.ACCEPTED]);
  });

  it('are not remembered when they could not be recorded: told again they count', async () => {
    const id = await accept();
    await api.pools.main.query('alter table delivery_event add constraint nothing_more check (type = 0) not valid');
    await expect(recorder.record('p', ['1'], news(id, 'DELIVERED'))).rejects.toThrow('nothing_more');
    await api.pools.main.query('alter table delivery_event drop constraint nothing_more');
    expect(await recorder.record('p', ['1'], news(id, 'DELIVERED'))).toBe('recorded');
  });

  it('are forgotten by name when they cannot come again', async () => {
    await api.pools.main.query(
      `insert into provider_news(provider, id, seen_at)
       select 'p', n::text, now() - case when n <= 1200 then interval '31 days' else interval '29 days' end
         from generate_series(1, 1210) n`,
    );
    expect(await new NewsSweeper(api.pools, new NewsRepository()).sweep()).toBe(1200);
  });
});

describe('a doubt', () => {
  let mailgun: MailgunStandIn;
  let worker: WorkerRig;
  let providers: string;

  beforeEach(async () => {
    mailgun = await MailgunStandIn.start();
    // Mailgun has it; only its answer gets lost.
    mailgun.http.fault = { at: 'answered', does: 'reset' };
    const settings = { domain: MAILGUN_DOMAIN, apiKey: MAILGUN_KEY, baseUrl: mailgun.http.baseUrl };
    providers = JSON.stringify({
      providers: [{ name: 'mailgun', kind: 'MAILGUN', settings }],
      routes: [{ steps: [{ providers: [{ provider: 'mailgun' }] }] }],
    });
    worker = openWorker(database.url, { providers });
    worker.start();
  });

  afterEach(async () => {
    await worker.stop();
    await mailgun.http.close();
  });

  const inDoubt = (id: string): Promise<unknown> => waitFor(async () => (await statusOf(id)) === STATUS.IN_DOUBT, LONG);

  it('is resolved by news of the provider, and what was to be sent again is not', async () => {
    const id = await accept({ inDoubt: 'RESEND', lane: 'TRANSACTIONAL' });
    await inDoubt(id);
    expect(await recipientOf(api.pools, id)).toMatchObject({ attempt: 1 });
    mailgun.http.fault = undefined;
    expect(await recorder.record('mailgun', ['1'], news(id, 'TAKEN'))).toBe('recorded');
    expect(await statusOf(id)).toBe(STATUS.HANDED_OFF);
    // Now is the time at which it would have gone.
    await api.pools.main.query('update send_job set run_at = now()');
    worker.signals.publish('jobs');
    await waitFor(async () => (await api.pools.main.query('select from send_job')).rowCount === 0, LONG);
    expect(mailgun.mails).toHaveLength(1);
    expect(await eventsOf(api.pools, id)).toEqual([EVENT.ACCEPTED, EVENT.IN_DOUBT, EVENT.RESOLVED]);
    expect(await recipientOf(api.pools, id)).toMatchObject({ status: STATUS.HANDED_OFF, attempts: 1 });
  }, 40_000);

  it('is not sent again either when it lay ready for that as the news came', async () => {
    const id = await accept({ inDoubt: 'RESEND', lane: 'TRANSACTIONAL' });
    await inDoubt(id);
    mailgun.http.fault = undefined;
    const query = worker.pools.queue.query.bind(worker.pools.queue) as (...all: unknown[]) => Promise<unknown>;
    let told: unknown;
    Object.assign(worker.pools.queue, {
      query: async (...all: unknown[]) => {
        const result = await query(...all);
        if ((all[0] as { name?: string }).name === 'job_recipients') {
          told ??= await recorder.record('mailgun', ['1'], news(id, 'TAKEN'));
        }
        return result;
      },
    });
    await api.pools.main.query('update send_job set run_at = now()');
    worker.signals.publish('jobs');
    await waitFor(async () => (await api.pools.main.query('select from send_job')).rowCount === 0, LONG);
    expect(told).toBe('recorded');
    expect(mailgun.mails).toHaveLength(1);
    expect(await eventsOf(api.pools, id)).toEqual([EVENT.ACCEPTED, EVENT.IN_DOUBT, EVENT.RESOLVED]);
  }, 40_000);

  it('that waits for an operator is resolved too', async () => {
    const id = await accept({ inDoubt: 'HOLD' });
    await inDoubt(id);
    await recorder.record('mailgun', ['1'], news(id, 'BOUNCED'));
    expect(await recipientOf(api.pools, id)).toMatchObject({ status: STATUS.BOUNCED, attempts: 1 });
    expect(await eventsOf(api.pools, id)).toEqual([EVENT.ACCEPTED, EVENT.IN_DOUBT, EVENT.RESOLVED, EVENT.BOUNCED]);
    const change = await api.pending.resolve(principal, id, 0, 'RESEND');
    expect(change).toMatchObject({ kind: 'refused', error: { code: 'NOT_IN_DOUBT' } });
  }, 40_000);

  it('left by a worker that vanished is resolved: the next one does not send, and tells of the lost attempt', async () => {
    await worker.stop();
    const id = await accept({ inDoubt: 'RESEND' });
    // As a claim leaves it whose worker was killed after the last byte.
    await api.pools.main.query(
      `update send_job set attempt = 1, lease = gen_random_uuid(), run_at = now() - interval '1 second'`,
    );
    await recorder.record('mailgun', ['1'], news(id, 'DELIVERED'));
    worker = openWorker(database.url, { providers });
    worker.start();
    await waitFor(async () => (await api.pools.main.query('select from send_job')).rowCount === 0, LONG);
    expect(mailgun.mails).toHaveLength(0);
    expect(await eventsOf(api.pools, id)).toEqual([
      EVENT.ACCEPTED,
      EVENT.RESOLVED,
      EVENT.DELIVERED,
      EVENT.ATTEMPT_LOST,
    ]);
    expect(await statusOf(id)).toBe(STATUS.DELIVERED);
  }, 40_000);
});
