import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { configSchema } from '../../../src/config/config.js';
import { Pools } from '../../../src/database/pools.js';
import { LiveWorkers } from '../../../src/sending/pacing/live-workers.js';
import { type TestDatabase, createTestDatabase } from '../../support/postgres.js';
import { waitFor } from '../../support/wait-for.js';

describe('workers that share a limit', () => {
  let database: TestDatabase;
  let pools: Pools;
  let workers: LiveWorkers[];

  beforeEach(async () => {
    database = await createTestDatabase();
    pools = new Pools(database.url, configSchema.parse({}));
    workers = [];
  });

  afterEach(async () => {
    for (const worker of workers) await worker.onApplicationShutdown();
    await pools.close();
    await database.drop();
  });

  const join = async (): Promise<LiveWorkers> => {
    const worker = new LiveWorkers(pools);
    workers.push(worker);
    await worker.onApplicationBootstrap();
    return worker;
  };

  const shares = (limit: number): number[] => workers.map((worker) => worker.share(limit)).toSorted((a, b) => a - b);

  it('never use more than the limit together, and all of it once they know each other', async () => {
    const alone = await join();
    expect(alone.share(7)).toBe(7);
    await join();
    await join();
    let most = 0;
    await waitFor(
      () => {
        most = Math.max(
          most,
          shares(7).reduce((sum, share) => sum + share, 0),
        );
        return alone.count === 3 && shares(7).join() === '2,2,3';
      },
      { timeoutMs: 15_000 },
    );
    expect(most).toBe(7);
    expect(shares(2)).toEqual([0, 1, 1]);
  }, 30_000);

  it('take over what one leaves behind', async () => {
    const stays = await join();
    const goes = await join();
    await waitFor(() => stays.count === 2, { timeoutMs: 15_000 });
    await goes.onApplicationShutdown();
    await waitFor(() => stays.share(10) === 10, { timeoutMs: 15_000 });
  }, 40_000);
});
