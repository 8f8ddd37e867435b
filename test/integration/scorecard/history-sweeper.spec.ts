import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { configSchema } from '../../../src/config/config.js';
import { lockAlone } from '../../../src/database/advisory-locks.js';
import { Pools } from '../../../src/database/pools.js';
import { newUuidV7 } from '../../../src/database/uuid-v7.js';
import { HistorySweeper } from '../../../src/sending/scorecard/history-sweeper.js';
import { ProviderChangeRepository } from '../../../src/sending/scorecard/provider-change.repository.js';
import { ProviderMinuteRepository } from '../../../src/sending/scorecard/provider-minute.repository.js';
import { type TestDatabase, createTestDatabase } from '../../support/postgres.js';

let database: TestDatabase;
let pools: Pools;
let sweeper: HistorySweeper;

beforeAll(async () => {
  database = await createTestDatabase();
  pools = new Pools(database.url, configSchema.parse({}));
  sweeper = new HistorySweeper(pools, new ProviderMinuteRepository(pools), new ProviderChangeRepository(pools));
});

afterEach(async () => {
  await pools.main.query('truncate provider_minute, provider_change');
});

afterAll(async () => {
  await pools.close();
  await database.drop();
});

async function addMinutes(count: number, ageDays: number): Promise<void> {
  await pools.main.query(
    `insert into provider_minute
     select 'relay', 0, date_trunc('minute', now() - $2 * interval '1 day') - n * interval '1 minute', 1, 0, 0, 0, 0, '{}', '{}'
       from generate_series(1, $1::int) as n`,
    [count, ageDays],
  );
}

/** Each with the id that a worker gives it at its time. */
async function addChanges(count: number, ageDays: number): Promise<void> {
  const before = Date.now() - ageDays * 86_400_000;
  const ids = Array.from({ length: count }, (_, n) => {
    const time = (before - n).toString(16).padStart(12, '0');
    return `${time.slice(0, 8)}-${time.slice(8)}${newUuidV7().slice(13)}`;
  });
  await pools.main.query(
    `insert into provider_change (id, provider, lane, change, note) select id, 'relay', 0, 'OPENED', 'old'
       from unnest($1::uuid[]) as id`,
    [ids],
  );
}

async function kept(): Promise<{ minutes: number; changes: number } | undefined> {
  const { rows } = await pools.main.query<{ minutes: number; changes: number }>(
    `select (select count(*)::int from provider_minute) as minutes, (select count(*)::int from provider_change) as changes`,
  );
  return rows[0];
}

describe('what providers did long ago', () => {
  it('is forgotten after 35 days, and only that', async () => {
    await addMinutes(2500, 35);
    await addMinutes(10, 34);
    await addChanges(2100, 35);
    await addChanges(20, 34.9);
    expect(await sweeper.sweep()).toBe(2500 + 2100);
    expect(await kept()).toEqual({ minutes: 10, changes: 20 });
  });

  it('is left to the replica that is at it', async () => {
    await addMinutes(5, 36);
    await addChanges(7, 36);
    const client = await pools.main.connect();
    await client.query('begin');
    await lockAlone(client, 'historySweep');
    expect(await sweeper.sweep()).toBe(0);
    await client.query('rollback');
    client.release();
    expect(await sweeper.sweep()).toBe(5 + 7);
  });
});
