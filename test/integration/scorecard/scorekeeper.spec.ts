import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { configSchema } from '../../../src/config/config.js';
import { Pools } from '../../../src/database/pools.js';
import { LANES } from '../../../src/domain/lane.js';
import { AttemptTally, type CountedAttempt } from '../../../src/sending/scorecard/attempt-tally.js';
import { ProviderMinuteRepository } from '../../../src/sending/scorecard/provider-minute.repository.js';
import { ScorecardMetrics } from '../../../src/sending/scorecard/scorecard-metrics.js';
import { Scorekeeper } from '../../../src/sending/scorecard/scorekeeper.js';
import { Metrics } from '../../../src/telemetry/metrics.js';
import { type TestDatabase, createTestDatabase } from '../../support/postgres.js';
import { startSeverableProxy } from '../../support/severable-proxy.js';

const AT = new Date('2026-03-01T10:20:30Z');
const attempt: CountedAttempt = {
  provider: 'relay',
  lane: 'OTP',
  at: AT,
  verdict: 'ACCEPTED',
  reply: { code: 250, enhanced: '2.0.0', text: 'Ok' },
  durationMs: 4,
};

interface Row {
  readonly lane: number;
  readonly accepted: number;
  readonly deferred: number;
  readonly fallbacks: number;
  readonly latency: number[];
  readonly replies: Record<string, number>;
}

let database: TestDatabase;
let pools: Pools;
const opened: Pools[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  pools = open(database.url);
});

afterEach(async () => {
  await pools.main.query('truncate provider_minute');
});

afterAll(async () => {
  for (const one of opened) await one.close();
  await database.drop();
});

function open(url: string): Pools {
  const made = new Pools(url, configSchema.parse({}));
  opened.push(made);
  return made;
}

function keeper(on: Pools): Scorekeeper {
  return new Scorekeeper(new ProviderMinuteRepository(on), new ScorecardMetrics(new Metrics()));
}

async function rows(): Promise<Row[]> {
  const { rows: found } = await pools.main.query<Row>(
    'select lane, accepted, deferred, fallbacks, latency, replies from provider_minute order by provider, lane, minute',
  );
  return found;
}

describe('scores of several workers', () => {
  it('add up in the row of their minute', async () => {
    const [one, other] = [keeper(pools), keeper(open(database.url))];
    one.attempted(attempt);
    await one.flush();
    one.attempted({ ...attempt, durationMs: 45 });
    other.attempted({ ...attempt, verdict: 'DEFERRED', reply: { code: 450, enhanced: '4.2.2', text: '' } });
    other.fellBack(attempt);
    await Promise.all([one.flush(), other.flush()]);
    const latency = Array.from({ length: 27 }, (_, step) => [0, 0, 0, 2, 0, 0, 0, 0, 1][step] ?? 0);
    expect(await rows()).toEqual([
      { lane: 0, accepted: 2, deferred: 1, fallbacks: 1, latency, replies: { '250': 2, '450 4.2.2': 1 } },
    ]);
  });

  it('neither get lost nor deadlock, in whatever order they meet the same rows', async () => {
    const workers = Array.from({ length: 4 }, () => new ProviderMinuteRepository(open(database.url)));
    const minutes = Array.from({ length: 20 }, (_, n) => new Date(AT.getTime() + n * 60_000));
    const places = minutes.flatMap((at) => LANES.map((lane) => ({ at, lane })));
    for (let round = 0; round < 15; round += 1) {
      await Promise.all(
        workers.map((worker, n) => {
          const tally = new AttemptTally();
          for (const place of n % 2 === 0 ? places : places.toReversed()) tally.attempted({ ...attempt, ...place });
          return worker.add(tally.take());
        }),
      );
    }
    const found = await rows();
    expect(found).toHaveLength(places.length);
    expect(new Set(found.map(({ accepted }) => accepted))).toEqual(new Set([4 * 15]));
  });

  it('are added once the database is back, by one stop at the latest', async () => {
    const proxy = await startSeverableProxy(database.url);
    const worker = keeper(open(proxy.url));
    proxy.cut();
    worker.attempted(attempt);
    await worker.flush();
    worker.attempted(attempt);
    await worker.flush();
    expect(await rows()).toEqual([]);
    proxy.mend();
    worker.attempted(attempt);
    await worker.onApplicationShutdown();
    expect(await rows()).toMatchObject([{ accepted: 3, replies: { '250': 3 } }]);
    await proxy.close();
  });

  it('tell the 20 most frequent replies apart, whether they come at once or one after the other', async () => {
    const worker = keeper(pools);
    const replies = (from: number, to: number, times: number): void => {
      for (let n = from; n < to; n += 1) {
        const reply = { code: 450, enhanced: `4.9.${n}`, text: '' };
        for (let time = 0; time < times; time += 1) worker.attempted({ ...attempt, verdict: 'DEFERRED', reply });
      }
    };
    replies(0, 19, 3);
    replies(19, 40, 1);
    await worker.flush();
    const [first] = await rows();
    expect(Object.keys(first?.replies ?? {})).toHaveLength(21);
    expect(first?.replies).toMatchObject({ '450 4.9.0': 3, '450 4.9.18': 3, '450 4.9.19': 1, other: 20 });
    replies(40, 42, 5);
    await worker.flush();
    const [second] = await rows();
    expect(Object.keys(second?.replies ?? {})).toHaveLength(21);
    expect(second?.replies).toMatchObject({ '450 4.9.40': 5, '450 4.9.41': 5, '450 4.9.0': 3, other: 24 });
    const counted = Object.values(second?.replies ?? {}).reduce((sum, n) => sum + n, 0);
    expect(counted).toBe(second?.deferred);
  });
});
