import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DataSource } from 'typeorm';
import { ConfigModule } from '../../../src/config/config.module.js';
import { configSchema } from '../../../src/config/config.js';
import { DatabaseModule } from '../../../src/database/database.module.js';
import { PartitionKeeper } from '../../../src/database/partition-keeper.js';
import { Pools } from '../../../src/database/pools.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';

describe('DatabaseModule', () => {
  let database: TestDatabase;
  let app: INestApplicationContext;

  beforeAll(async () => {
    database = await createTestDatabase();
    class Root {}
    app = await NestFactory.createApplicationContext(
      { module: Root, imports: [ConfigModule.of(configSchema.parse({})), DatabaseModule.of(database.url)] },
      { logger: ['error', 'warn'] },
    );
  });
  afterAll(() => database.drop());

  it('gives rows and hot queries the same durable database', async () => {
    const settings = "select current_database() name, current_setting('synchronous_commit') durable";
    const rows = await app.get(DataSource).query<unknown[]>(settings);
    expect(rows).toEqual([{ name: new URL(database.url).pathname.slice(1), durable: 'on' }]);
    expect((await app.get(Pools).main.query(settings)).rows).toEqual(rows);
  });

  it('keeps partitions made ahead', async () => {
    const months = async (): Promise<unknown> =>
      (await app.get(Pools).main.query("select count(*) from pg_inherits where inhparent = 'recipient'::regclass"))
        .rows;
    await app
      .get(Pools)
      .main.query(
        "do $$ begin execute 'drop table ' || (select max(inhrelid::regclass::text) from pg_inherits where inhparent = 'recipient'::regclass); end $$",
      );
    expect(await months()).toEqual([{ count: '3' }]);
    await app.get(PartitionKeeper).keep();
    expect(await months()).toEqual([{ count: '4' }]);
  });

  it('closes every connection', async () => {
    const pools = app.get(Pools);
    await app.close();
    expect(pools.main.ended && pools.queue.ended).toBe(true);
    expect(app.get(DataSource).isInitialized).toBe(false);
  });
});
