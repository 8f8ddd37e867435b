import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Cluster } from '../support/cluster.js';
import { mailTo, type PosternClient } from '../support/postern-client.js';
import { publishedMetrics } from '../support/published-metrics.js';
import { SmtpSink } from '../support/smtp-sink.js';
import type { RunningPostern } from '../support/start-postern.js';
import { waitFor } from '../support/wait-for.js';

const MESSAGES = 40;
const LONG = { timeoutMs: 25_000, everyMs: 100 };

const SCORECARD = `query ($lane: Lane) { providerScorecard(provider: "smtp", lane: $lane) {
  attempts accepted deferred refused inDoubt fallbacks successRate deferralRate latencyP50Ms latencyP95Ms
  replies { reply count share } breakers { lane state perSecond until } minutes { at attempts } } }`;

const CHANGES = `query ($provider: String) {
  providerChanges(provider: $provider, first: 50) { nodes { provider lane site change note } } }`;

interface Card {
  readonly attempts: number;
  readonly latencyP50Ms: number | null;
  readonly latencyP95Ms: number | null;
  readonly breakers: readonly { readonly lane: string; readonly state: string; readonly until: string | null }[];
  readonly minutes: readonly { readonly attempts: number }[];
}

interface Change {
  readonly provider: string;
  readonly lane: string | null;
  readonly change: string;
  readonly note: string;
}

let sink: SmtpSink;
let cluster: Cluster;
let api: RunningPostern;
let worker: RunningPostern;
let admin: PosternClient;
let live: PosternClient;

beforeAll(async () => {
  sink = await SmtpSink.start({
    delayMs: 20,
    refuse: (address) => {
      if (address.startsWith('full')) return '452 4.2.2 mailbox full';
      return address.startsWith('nobody') ? '550 5.1.1 no such user' : undefined;
    },
  });
  cluster = await Cluster.create({ POSTERN_SMTP_URL: `smtp://127.0.0.1:${sink.port}`, POSTERN_SMTP_TLS: 'off' });
  [api, worker] = await cluster.start('api', 'worker');
  admin = cluster.admin(api.url);
  live = admin.at(api.url, (await admin.createKey('LIVE')).secret);
}, 60_000);

afterAll(async () => {
  await cluster.end();
  await sink.close();
}, 30_000);

const card = async (lane: string | null = null): Promise<Card> =>
  (await admin.get<{ providerScorecard: Card }>(SCORECARD, { lane })).providerScorecard;

const metric = async (line: RegExp): Promise<number> => {
  const text = await (await fetch(`${worker.url}/metrics`)).text();
  return Number(line.exec(text)?.[1]);
};

describe('the scorecard of a provider', () => {
  it('is for operators only', async () => {
    for (const query of [
      '{ providerScorecard(provider: "smtp") { attempts } }',
      '{ providerChanges { nodes { id } } }',
    ]) {
      expect((await live.ask(query)).errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
    }
  });

  it('tells the shares of a relay that defers a quarter and refuses a tenth', async () => {
    const names = (n: number): string => (n % 4 === 0 ? 'full' : n % 10 === 1 ? 'nobody' : 'person');
    await Promise.all(
      Array.from({ length: MESSAGES }, (_, n) =>
        live.accepted(mailTo(`${names(n)}-${n}@example.com`, { lane: 'BULK' })),
      ),
    );
    const told = await waitFor(async () => {
      const now = await card('BULK');
      return now.attempts === MESSAGES && now;
    }, LONG);
    expect(told).toMatchObject({
      attempts: 40,
      accepted: 26,
      deferred: 10,
      refused: 4,
      inDoubt: 0,
      fallbacks: 0,
      successRate: 0.65,
      deferralRate: 0.25,
      replies: [
        { reply: '250', count: 26, share: 0.65 },
        { reply: '452 4.2.2', count: 10, share: 0.25 },
        { reply: '550 5.1.1', count: 4, share: 0.1 },
      ],
      breakers: [{ lane: 'BULK', state: 'FLOWING', perSecond: null, until: null }],
    });
    // The relay rests 20 ms before it takes a mail.
    expect(told.latencyP95Ms).toBeGreaterThan(20);
    expect(told.latencyP50Ms).toBeLessThanOrEqual(told.latencyP95Ms ?? 0);
    expect(told.minutes.reduce((sum, { attempts }) => sum + attempts, 0)).toBe(MESSAGES);
    expect((await card('OTP')).attempts).toBe(0);

    expect(await metric(/postern_provider_replies_total\{provider="smtp",class="4xx"\} (\d+)/)).toBe(10);
    expect(await metric(/postern_provider_handover_seconds_count\{provider="smtp",lane="BULK"\} (\d+)/)).toBe(40);
    expect(await metric(/postern_breaker_state\{provider="smtp",lane="BULK"\} (\d+)/)).toBe(0);
    expect(await metric(/postern_fallbacks_total\{provider="smtp",lane="BULK"\} (\d+)/)).toBe(0);
  }, 60_000);

  it('tells of a relay that dies, and of one that comes back', async () => {
    const { port } = sink;
    sink.hangUp();
    await sink.close();
    const isShut = async (): Promise<boolean> =>
      (await card()).breakers.some(({ lane, state }) => lane === 'OTP' && /^(OPEN|PROBING)$/.test(state));
    await live.accepted(mailTo('person@example.com', { lane: 'OTP' }));
    await waitFor(isShut, LONG);
    const changes = async (): Promise<readonly Change[]> =>
      (await admin.get<{ providerChanges: { nodes: Change[] } }>(CHANGES, { provider: 'smtp' })).providerChanges.nodes;
    const opened = (await changes()).find(({ lane, change }) => lane === 'OTP' && change === 'OPENED');
    expect(opened).toMatchObject({ provider: 'smtp', note: expect.stringMatching(/./) });
    await waitFor(async () => (await metric(/postern_breaker_state\{provider="smtp",lane="OTP"\} (\d+)/)) >= 2, LONG);
    await waitFor(
      async () => (await metric(/postern_parked_total\{lane="OTP",waiting_for="BREAKER"\} (\d+)/)) > 0,
      LONG,
    );

    sink = await SmtpSink.start({ port });
    await sink.taken(1);
    const [newest] = (await changes()).filter(({ lane }) => lane === 'OTP');
    expect(newest).toMatchObject({ change: 'CLOSED' });
    expect(
      (await admin.get<{ providerChanges: { nodes: Change[] } }>(CHANGES, { provider: 'none' })).providerChanges,
    ).toEqual({ nodes: [] });
  }, 60_000);

  it('loses nothing of a worker that is stopped', async () => {
    const before = (await card('TRANSACTIONAL')).attempts;
    const { accepted } = sink;
    await Promise.all(Array.from({ length: 10 }, (_, n) => live.accepted(mailTo(`last-${n}@example.com`))));
    await sink.taken(accepted + 10);
    expect(await cluster.stop(worker)).toBe(0);
    expect((await card('TRANSACTIONAL')).attempts).toBe(before + 10);
  }, 60_000);
});

describe('metrics', () => {
  it('are published by a process that does everything, all that the documentation names', async () => {
    const [all] = await cluster.start('all');
    const text = await (await fetch(`${all.url}/metrics`)).text();
    const found = new Set([...text.matchAll(/^# TYPE (postern_\w+)/gm)].map(([, name]) => name));
    expect(found).toEqual(new Set(publishedMetrics().map(({ name }) => name)));
    expect(text).toContain('postern_ready 1');
  }, 60_000);
});
