import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { MessageInput } from '../../../src/domain/check-message.js';
import { EVENT_TYPE_CODES as EVENT } from '../../../src/domain/delivery-event.js';
import type { Principal } from '../../../src/domain/principal.js';
import { RECIPIENT_STATUS_CODES as STATUS } from '../../../src/domain/recipient-status.js';
import { type TestDatabase, createTestDatabase } from '../../support/postgres.js';
import { type Fault, FaultySmtpServer } from '../../support/faulty-smtp-server.js';
import { SmtpSink, type SinkOptions } from '../../support/smtp-sink.js';
import { waitFor } from '../../support/wait-for.js';
import { type Rig, draft, idOf, newPrincipal, openRig } from '../accept/rig.js';
import { RESEND_KEY, ResendStandIn } from '../../support/resend-stand-in.js';
import { type WorkerRig, eventsOf, openWorker, recipientOf } from './worker-rig.js';

const LONG = { timeoutMs: 20_000 };

/** Two providers, the second only for when the first cannot. */
function twoProviders(first: number, second: number): string {
  const smtp = (name: string, port: number): object => ({
    name,
    kind: 'SMTP',
    settings: { host: '127.0.0.1', port, tls: 'off', finalReplyTimeoutMs: 1000 },
  });
  const step = (provider: string): object => ({ providers: [{ provider }] });
  return JSON.stringify({
    providers: [smtp('first', first), smtp('second', second)],
    routes: [{ steps: [step('first'), step('second')] }],
  });
}

describe('a second provider', () => {
  let database: TestDatabase;
  let api: Rig;
  let principal: Principal;
  let second: SmtpSink;
  let stops: (() => Promise<unknown>)[];

  beforeEach(async () => {
    database = await createTestDatabase();
    api = openRig(database.url);
    principal = await newPrincipal(api, 'LIVE');
    second = await SmtpSink.start();
    stops = [];
  });

  afterEach(async () => {
    for (const stop of stops.toReversed()) await stop();
    await api.pools.close();
    await second.close();
    await database.drop();
  });

  const start = (firstPort: number): WorkerRig => {
    const worker = openWorker(database.url, { providers: twoProviders(firstPort, second.port) });
    stops.push(() => worker.stop());
    worker.start();
    return worker;
  };

  const sink = async (options: SinkOptions = {}): Promise<SmtpSink> => {
    const opened = await SmtpSink.start(options);
    stops.push(() => opened.close());
    return opened;
  };

  const faulty = async (at: 'greeting' | 'mail' | 'data' | 'final', fault: Fault): Promise<number> => {
    const server = await FaultySmtpServer.start({ at, fault });
    stops.push(() => server.close());
    return server.port;
  };

  const accept = async (input: Partial<MessageInput> = {}): Promise<string> =>
    idOf(await api.acceptor.accept(principal, draft(input)));

  const settled = (id: string, status: number): Promise<unknown> =>
    waitFor(async () => (await recipientOf(api.pools, id))['status'] === status, LONG);

  const attempts = async (id: string): Promise<unknown[]> => {
    const { rows } = await api.pools.main.query(
      'select attempt, provider, outcome from attempt where message_id = $1 order by attempt',
      [id],
    );
    return rows;
  };

  it.each([
    ['hangs up instead of greeting', 'greeting', 'fin'],
    ['breaks off before the message', 'data', 'reset'],
    ['refuses us for now', 'mail', { reply: '421 4.3.2 going down\r\n' }],
    ['does not let us relay', 'mail', { reply: '550 5.7.1 relay access denied\r\n' }],
  ] as const)('takes at once what the first, which %s, certainly has not', async (_, at, fault) => {
    const port = await faulty(at, fault);
    const id = await accept();
    // Now: after a while it would know by itself that nobody is there, and not even try.
    const worker = start(port);
    await settled(id, STATUS.HANDED_OFF);
    expect(await attempts(id)).toEqual([
      { attempt: 1, provider: 'first', outcome: 'DEFERRED' },
      { attempt: 2, provider: 'second', outcome: 'ACCEPTED' },
    ]);
    expect(await eventsOf(api.pools, id)).toEqual([EVENT.ACCEPTED, EVENT.FALLBACK, EVENT.HANDED_OFF]);
    expect((await recipientOf(api.pools, id))['attempts']).toBe(2);
    const [metric] = (await worker.metrics.registry.getSingleMetric('postern_fallbacks_total')?.get())?.values ?? [];
    expect(metric).toMatchObject({ value: 1, labels: { provider: 'first' } });
    expect(second.accepted).toBe(1);
  });

  it.each([
    ['breaks off', 'reset'],
    ['falls silent', 'hang'],
  ] as const)('is not asked when the first %s after the message: it may have it', async (_, fault) => {
    start(await faulty('final', fault));
    const id = await accept({ inDoubt: 'HOLD' });
    await settled(id, STATUS.IN_DOUBT);
    expect(await attempts(id)).toEqual([{ attempt: 1, provider: 'first', outcome: 'IN_DOUBT' }]);
    expect(second.accepted).toBe(0);
  });

  it.each([
    ['for good', '550 5.1.1 no such user', STATUS.BOUNCED],
    ['for now', '452 4.2.2 mailbox full', STATUS.DEFERRED],
  ])('is not asked about a recipient that the first refuses %s', async (_, refusal, status) => {
    start((await sink({ refuse: () => refusal })).port);
    const id = await accept();
    await settled(id, status);
    expect(second.accepted).toBe(0);
  });

  it('is not asked about a doubt that the first can resolve: that one is asked again and sends nothing twice', async () => {
    const resend = await ResendStandIn.start();
    stops.push(() => resend.http.close());
    resend.http.fault = { at: 'answered', does: 'reset' };
    const settings = { apiKey: RESEND_KEY, baseUrl: resend.http.baseUrl };
    const step = (provider: string): object => ({ providers: [{ provider }] });
    const relay = { host: '127.0.0.1', port: second.port, tls: 'off' };
    const providers = JSON.stringify({
      providers: [
        { name: 'resend', kind: 'RESEND', settings },
        { name: 'second', kind: 'SMTP', settings: relay },
      ],
      routes: [{ steps: [step('resend'), step('second')] }],
    });
    const worker = openWorker(database.url, { providers });
    stops.push(() => worker.stop());
    worker.start();
    const id = await accept({ inDoubt: 'HOLD' });
    await settled(id, STATUS.IN_DOUBT);
    expect((await api.messages.recipients(principal.tenantId, [id]))[0]).toMatchObject({ waitingOn: 'resend' });
    resend.http.fault = undefined;
    await api.pools.main.query('update send_job set run_at = now()');
    worker.signals.publish('jobs');
    await settled(id, STATUS.HANDED_OFF);
    expect(resend.mails).toHaveLength(1);
    expect(second.accepted).toBe(0);
    expect(await attempts(id)).toEqual([
      { attempt: 1, provider: 'resend', outcome: 'IN_DOUBT' },
      { attempt: 2, provider: 'resend', outcome: 'ACCEPTED' },
    ]);
  });

  it('takes everything while the first is known to be away, without another try, and gives it back', async () => {
    const first = await SmtpSink.start();
    const { port } = first;
    await first.close();
    start(port);
    const opened = async (): Promise<boolean> => {
      const { rows } = await api.pools.main.query<{ n: number }>('select count(*)::int as n from pace where kind > 0');
      return (rows[0]?.n ?? 0) === 4;
    };
    await waitFor(opened, LONG);
    const ids = await Promise.all(Array.from({ length: 20 }, () => accept()));
    await second.taken(20);
    for (const id of ids) {
      await settled(id, STATUS.HANDED_OFF);
      expect(await attempts(id)).toEqual([{ attempt: 1, provider: 'second', outcome: 'ACCEPTED' }]);
    }
    const back = await sink({ port });
    await waitFor(async () => {
      await accept();
      return back.accepted > 0;
    }, LONG);
  }, 60_000);
});
