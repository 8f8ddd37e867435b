import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { configSchema } from '../../../src/config/config.js';
import { Pools } from '../../../src/database/pools.js';
import type { Lane } from '../../../src/domain/lane.js';
import { DailyQuota } from '../../../src/sending/pacing/daily-quota.js';
import { type TestDatabase, createTestDatabase } from '../../support/postgres.js';

const LOOK_AGAIN_MS = 900_000;

describe('the quota of a day', () => {
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

  const taken = async (
    replicas: readonly DailyQuota[],
    provider: string,
    perDay: number,
    lane: Lane,
    tries: number,
  ): Promise<number> => {
    const all = await Promise.all(
      Array.from({ length: tries }, async (_, n) => replicas[n % replicas.length]?.take(provider, perDay, lane)),
    );
    return all.filter((one) => one?.waitMs === 0).length;
  };

  it('is given out once over all replicas, a part of it to the lanes above only', async () => {
    const replicas = [new DailyQuota(pools), new DailyQuota(pools), new DailyQuota(pools)];
    expect(await taken(replicas, 'p', 100, 'BULK', 300)).toBe(60);
    expect(await taken(replicas, 'p', 100, 'OTP', 300)).toBe(40);
  });

  it('that is spent is looked at again before the day is over', async () => {
    const quota = new DailyQuota(pools);
    expect(await taken([quota], 'q', 1, 'OTP', 5)).toBe(1);
    const { waitMs } = await quota.take('q', 1, 'OTP');
    expect(waitMs).toBeGreaterThan(0);
    expect(waitMs).toBeLessThanOrEqual(LOOK_AGAIN_MS);
  });

  it('holds at once when it is raised, and when it is lowered', async () => {
    const quota = new DailyQuota(pools);
    expect(await taken([quota], 'r', 10, 'OTP', 12)).toBe(10);
    expect(await taken([quota], 'r', 1000, 'OTP', 5)).toBe(5);
    expect(await taken([quota], 'r', 10, 'OTP', 5)).toBe(0);
  });
});
