import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { configSchema } from '../../../src/config/config.js';
import { Pools } from '../../../src/database/pools.js';
import { newUuidV7 } from '../../../src/database/uuid-v7.js';
import { type Lane, laneCode } from '../../../src/domain/lane.js';
import { opened, ramping } from '../../../src/domain/pace.js';
import { laneKey, paceKeyText } from '../../../src/sending/pacing/pace-key.js';
import { PaceRepository } from '../../../src/sending/pacing/pace.repository.js';
import { ProviderChangeRepository } from '../../../src/sending/scorecard/provider-change.repository.js';
import { ProviderMinuteRepository } from '../../../src/sending/scorecard/provider-minute.repository.js';
import { ScorecardReader } from '../../../src/sending/scorecard/scorecard-reader.js';
import { ScorecardResolver } from '../../../src/sending/scorecard/scorecard.resolver.js';
import { type TestDatabase, createTestDatabase } from '../../support/postgres.js';

const SINCE = new Date('2026-03-01T10:00:00Z');
const UNTIL = new Date('2026-03-01T11:00:00Z');

let database: TestDatabase;
let pools: Pools;
let paces: PaceRepository;
let resolver: ScorecardResolver;

beforeAll(async () => {
  database = await createTestDatabase();
  pools = new Pools(database.url, configSchema.parse({}));
  paces = new PaceRepository(pools);
  const minutes = new ProviderMinuteRepository(pools);
  resolver = new ScorecardResolver(new ScorecardReader(minutes, paces), minutes, new ProviderChangeRepository(pools));
});

afterAll(async () => {
  await pools.close();
  await database.drop();
});

interface Counts {
  readonly accepted?: number;
  readonly deferred?: number;
  readonly refused?: number;
  readonly inDoubt?: number;
  readonly fallbacks?: number;
  /** By step of the histogram. */
  readonly latency?: Readonly<Record<number, number>>;
  readonly replies?: Readonly<Record<string, number>>;
}

async function minute(provider: string, lane: Lane, at: string, counts: Counts): Promise<void> {
  const { accepted = 0, deferred = 0, refused = 0, inDoubt = 0, fallbacks = 0, latency = {}, replies = {} } = counts;
  const steps = Array.from({ length: 27 }, (_, step) => latency[step] ?? 0);
  await pools.main.query('insert into provider_minute values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)', [
    provider,
    laneCode(lane),
    at,
    accepted,
    deferred,
    refused,
    inDoubt,
    fallbacks,
    steps,
    JSON.stringify(replies),
  ]);
}

async function refusal(asked: Promise<unknown>): Promise<string> {
  return asked.then(
    () => 'none',
    (error: unknown) => (error as Error).message,
  );
}

describe('the scorecard', () => {
  beforeAll(async () => {
    // 30 to 50 ms is step 8, 80 to 120 ms step 10.
    await minute('relay', 'OTP', '2026-03-01T10:00:00Z', {
      accepted: 60,
      deferred: 20,
      refused: 5,
      inDoubt: 5,
      fallbacks: 7,
      latency: { 8: 90 },
      replies: { '250': 60, '450 4.2.2': 20, '550 5.1.1': 5, none: 5 },
    });
    await minute('relay', 'BULK', '2026-03-01T10:00:00Z', { accepted: 8, latency: { 10: 8 }, replies: { '250': 8 } });
    await minute('relay', 'BULK', '2026-03-01T10:59:00Z', { deferred: 2, latency: { 10: 2 }, replies: { none: 2 } });
    for (const at of ['2026-03-01T09:59:00Z', '2026-03-01T11:00:00Z']) {
      await minute('relay', 'OTP', at, { accepted: 1000, latency: { 0: 1000 } });
    }
    await minute('other', 'OTP', '2026-03-01T10:00:00Z', { refused: 3, latency: { 0: 3 } });
  });

  it('adds up minutes and lanes', async () => {
    const card = await resolver.providerScorecard({ provider: 'relay', since: SINCE, until: UNTIL });
    expect(card).toMatchObject({
      provider: 'relay',
      lane: null,
      since: SINCE,
      until: UNTIL,
      attempts: 100,
      accepted: 68,
      deferred: 22,
      refused: 5,
      inDoubt: 5,
      fallbacks: 7,
      successRate: 0.68,
      deferralRate: 0.22,
    });
    expect(card.replies).toEqual([
      { reply: '250', count: 68, share: 0.68 },
      { reply: '450 4.2.2', count: 20, share: 0.2 },
      { reply: 'none', count: 7, share: 0.07 },
      { reply: '550 5.1.1', count: 5, share: 0.05 },
    ]);
    // The 50th of 90 within 30 to 50 ms; the 5th of 10 within 80 to 120 ms.
    expect(card.latencyP50Ms).toBeCloseTo(30 + (20 * 50) / 90);
    expect(card.latencyP95Ms).toBeCloseTo(100);
  });

  it('is of one lane where that is asked for', async () => {
    const card = await resolver.providerScorecard({ provider: 'relay', lane: 'BULK', since: SINCE, until: UNTIL });
    expect(card).toMatchObject({ lane: 'BULK', attempts: 10, accepted: 8, deferred: 2, successRate: 0.8 });
    expect(card.breakers).toHaveLength(1);
  });

  it('counts whole minutes, and says which', async () => {
    const since = new Date('2026-03-01T10:00:59Z');
    const until = new Date('2026-03-01T10:58:30Z');
    const card = await resolver.providerScorecard({ provider: 'relay', lane: 'BULK', since, until });
    expect(card).toMatchObject({ attempts: 8, since: SINCE, until: new Date('2026-03-01T10:59:00Z') });
  });

  it('gives the last hour by default', async () => {
    await minute('recent', 'OTP', new Date().toISOString().replace(/:\d\d\.\d+Z/, ':00Z'), { accepted: 3 });
    const card = await resolver.providerScorecard({ provider: 'recent' });
    expect(card.attempts).toBe(3);
    expect(card.until.getTime() - card.since.getTime()).toBe(3_600_000);
  });

  it('has no rates and no latency where nothing was attempted', async () => {
    const card = await resolver.providerScorecard({ provider: 'nobody', since: SINCE, until: UNTIL });
    expect(card).toMatchObject({
      attempts: 0,
      successRate: null,
      deferralRate: null,
      latencyP50Ms: null,
      latencyP95Ms: null,
      replies: [],
    });
    expect(await resolver.minutes(card)).toEqual([]);
  });

  it('comes by the minute, lanes together', async () => {
    const card = await resolver.providerScorecard({ provider: 'relay', since: SINCE, until: UNTIL });
    expect(await resolver.minutes(card)).toMatchObject([
      { at: SINCE, attempts: 98, accepted: 68, deferred: 20, fallbacks: 7 },
      { at: new Date('2026-03-01T10:59:00Z'), attempts: 2, deferred: 2, latencyP50Ms: 100, latencyP95Ms: 118 },
    ]);
  });

  it('refuses a range that is none or too long, and names that are no text', async () => {
    const ask = (since: string, until: string, provider = 'relay'): Promise<string> =>
      refusal(resolver.providerScorecard({ provider, since: new Date(since), until: new Date(until) }));
    expect(await ask('2026-03-01T10:00:00Z', '2026-03-01T10:00:00Z')).toBe('since must be before until.');
    expect(await ask('2026-03-01T10:00:00Z', '2026-03-08T10:00:01Z')).toBe('Ask for at most 7 days at a time.');
    expect(await ask('2026-03-01T10:00:00Z', '2026-03-08T10:00:00Z')).toBe('none');
    expect(await ask('2026-03-01T10:00:00Z', '2026-03-01T11:00:00Z', 'a\0')).toMatch(/^provider: /);
    const week = { provider: 'relay', since: SINCE, until: new Date('2026-03-02T10:00:01Z') };
    const card = await resolver.providerScorecard(week);
    expect(await refusal(resolver.minutes(card))).toBe('Ask for the minutes of at most 24 hours at a time.');
  });

  it('tells how the breakers stand', async () => {
    const key = (lane: Lane): string => paceKeyText(laneKey({ provider: 'relay', lane }));
    const nothing = (): undefined => undefined;
    await paces.change(key('OTP'), ({ state }, now) => ({ state: opened(state, now, 0.5), usual: 9 }), nothing);
    await paces.change(key('BULK'), (_, now) => ({ state: ramping(now, 300), usual: 300 }), nothing);
    const { breakers } = await resolver.providerScorecard({ provider: 'relay' });
    expect(breakers).toEqual([
      { lane: 'OTP', state: 'OPEN', perSecond: null, until: expect.any(Date) },
      { lane: 'TRANSACTIONAL', state: 'FLOWING', perSecond: null, until: null },
      { lane: 'NOTIFICATION', state: 'FLOWING', perSecond: null, until: null },
      { lane: 'BULK', state: 'SLOWED', perSecond: expect.any(Number), until: null },
    ]);
    expect(breakers[3]?.perSecond).toBeGreaterThanOrEqual(10);
  });
});

describe('the history of providers', () => {
  beforeAll(async () => {
    const changes = [
      ['relay', 1, null, 'OPENED', 'first'],
      ['other', 0, null, 'OPENED', 'second'],
      ['relay', 1, null, 'CLOSED', 'third'],
      ['relay', null, 'example.com', 'SLOWED', 'fourth'],
    ] as const;
    for (const change of changes) {
      await pools.main.query(
        'insert into provider_change (id, provider, lane, site, change, note) values ($1, $2, $3, $4, $5, $6)',
        [newUuidV7(), ...change],
      );
    }
  });

  it('is told from the newest on, of all or of one', async () => {
    const all = await resolver.providerChanges({});
    expect(all.nodes.map(({ note }) => note)).toEqual(['fourth', 'third', 'second', 'first']);
    const of = await resolver.providerChanges({}, 'relay');
    expect(of.nodes).toMatchObject([
      { provider: 'relay', lane: null, site: 'example.com', change: 'SLOWED' },
      { provider: 'relay', lane: 'TRANSACTIONAL', site: null, change: 'CLOSED' },
      { provider: 'relay', lane: 'TRANSACTIONAL', site: null, change: 'OPENED' },
    ]);
  });

  it('is read page by page, both ways', async () => {
    const first = await resolver.providerChanges({ first: 2 }, 'relay');
    expect(first.pageInfo.hasNextPage).toBe(true);
    const second = await resolver.providerChanges({ first: 2, after: first.pageInfo.endCursor }, 'relay');
    expect(second.nodes.map(({ note }) => note)).toEqual(['first']);
    expect(second.pageInfo.hasNextPage).toBe(false);
    const last = await resolver.providerChanges({ last: 1, before: first.pageInfo.endCursor }, 'relay');
    expect(last.nodes.map(({ note }) => note)).toEqual(['fourth']);
    expect(await refusal(Promise.resolve().then(() => resolver.providerChanges({ after: 'bm9uZQ' })))).toBe(
      'after is not a cursor of this list.',
    );
  });
});
