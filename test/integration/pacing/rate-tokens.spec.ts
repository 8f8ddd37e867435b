import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { configSchema } from '../../../src/config/config.js';
import { Pools } from '../../../src/database/pools.js';
import type { Lane } from '../../../src/domain/lane.js';
import { BucketSweeper } from '../../../src/sending/pacing/bucket-sweeper.js';
import { RateTokens } from '../../../src/sending/pacing/rate-tokens.js';
import { type TestDatabase, createTestDatabase } from '../../support/postgres.js';

describe('tokens of a rate', () => {
  let database: TestDatabase;
  let pools: Pools;

  beforeAll(async () => {
    database = await createTestDatabase();
    pools = new Pools(database.url, configSchema.parse({}));
  });

  afterAll(async () => {
    await pools.close();
    await database.drop();
  });

  const grants = async (
    replicas: readonly RateTokens[],
    limit: { key: string; perSecond: number; burst: number },
    lane: Lane,
    tries: number,
  ): Promise<number> => {
    const taken = await Promise.all(
      Array.from({ length: tries }, async (_, n) => replicas[n % replicas.length]?.take(limit, lane)),
    );
    return taken.filter((one) => one?.waitMs === 0).length;
  };

  it('are given out once, however many replicas ask', async () => {
    const replicas = [new RateTokens(pools), new RateTokens(pools), new RateTokens(pools)];
    const limit = { key: 'once', perSecond: 0.01, burst: 20 };
    expect(await grants(replicas, limit, 'OTP', 60)).toBe(20);
  });

  it('leave a part of the burst to the lanes above', async () => {
    const replicas = [new RateTokens(pools), new RateTokens(pools)];
    const limit = { key: 'shares', perSecond: 0.01, burst: 100 };
    expect(await grants(replicas, limit, 'BULK', 200)).toBe(60);
    expect(await grants(replicas, limit, 'NOTIFICATION', 200)).toBe(20);
    expect(await grants(replicas, limit, 'TRANSACTIONAL', 200)).toBe(10);
    expect(await grants(replicas, limit, 'OTP', 200)).toBe(10);
  });

  it('let a code go next where the burst is one, however many others ask', async () => {
    const tokens = new RateTokens(pools);
    const limit = { key: 'one', perSecond: 0.01, burst: 1 };
    expect(await grants([tokens], limit, 'BULK', 50)).toBe(1);
    expect(await grants([tokens], limit, 'OTP', 50)).toBe(1);
  });

  it('of what is not used for an hour are forgotten', async () => {
    const tokens = new RateTokens(pools);
    for (const key of ['old', 'new']) await grants([tokens], { key, perSecond: 1, burst: 10 }, 'OTP', 1);
    await pools.main.query(`update rate_bucket set tat = tat - interval '2 hours' where key = 'old'`);
    const sweeper = new BucketSweeper(pools);
    expect(await sweeper.sweep()).toBeGreaterThan(0);
    const { rows } = await pools.main.query(`select key from rate_bucket where key in ('old', 'new')`);
    expect(rows).toEqual([{ key: 'new' }]);
    expect(await grants([tokens], { key: 'old', perSecond: 0.01, burst: 10 }, 'BULK', 20)).toBe(6);
  });

  it('say how long there will be none', async () => {
    const tokens = new RateTokens(pools);
    const limit = { key: 'wait', perSecond: 0.5, burst: 1 };
    expect(await tokens.take(limit, 'BULK')).toEqual({ waitMs: 0 });
    const [first, second] = await Promise.all([tokens.take(limit, 'BULK'), tokens.take(limit, 'BULK')]);
    expect(first.waitMs).toBeGreaterThan(1500);
    expect(first.waitMs).toBeLessThanOrEqual(2000);
    expect(second.waitMs - first.waitMs).toBe(2000);
  });
});
