import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { Pools } from '../../../src/database/pools.js';
import { readinessFacts } from '../../../src/database/readiness-facts.js';
import { UnknownCommitOutcome } from '../../../src/database/unknown-commit-outcome.js';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { waitFor } from '../../support/wait-for.js';

describe('Pools', () => {
  let database: TestDatabase;
  let pools: Pools;

  beforeAll(async () => {
    database = await createTestDatabase();
    pools = new Pools(database.url, { databasePool: 3, workerPool: 2 });
    await pools.main.query('create table thing (name text primary key)');
  });
  afterAll(async () => {
    await pools.close();
    await database.drop();
  });

  const things = async (): Promise<string[]> => {
    const { rows } = await pools.main.query<{ name: string }>('select name from thing order by 1');
    return rows.map(({ name }) => name);
  };

  it('commits what the work did and returns its result', async () => {
    const result = await pools.transaction(pools.main, async (tx) => {
      await tx.query("insert into thing values ('kept')");
      return 42;
    });
    expect(result).toBe(42);
    expect(await things()).toEqual(['kept']);
  });

  it('rolls back when the work throws, and the connection stays in use', async () => {
    const failure = new Error('no');
    await expect(
      pools.transaction(pools.main, async (tx) => {
        await tx.query("insert into thing values ('dropped')");
        throw failure;
      }),
    ).rejects.toBe(failure);
    expect(await things()).toEqual(['kept']);
    expect(pools.main.totalCount).toBe(1);
  });

  it('does not take a rollback for a commit', async () => {
    await expect(
      pools.transaction(pools.main, async (tx) => {
        await tx.query('select 1/0').catch(() => undefined);
      }),
    ).rejects.toThrow('the transaction was rolled back');
  });

  it('throws on what the server refuses at commit: that outcome is known', async () => {
    await pools.main.query('create table child (name text references thing deferrable initially deferred)');
    const refused = pools.transaction(pools.main, (tx) => tx.query("insert into child values ('nobody')"));
    await expect(refused).rejects.toMatchObject({ code: '23503' });
  });

  it('says so when nobody knows whether the commit happened', async () => {
    // A deferred trigger holds the commit open long enough to kill the backend in it.
    await pools.main.query(`
      create function dawdle() returns trigger language plpgsql as $$ begin perform pg_sleep(20); return null; end $$;
      create constraint trigger dawdle after insert on child deferrable initially deferred for each row execute function dawdle()`);
    const lost = pools.transaction(pools.main, (tx) => tx.query("insert into child values ('kept')"));
    const outcome = expect(lost).rejects.toBeInstanceOf(UnknownCommitOutcome);
    await waitFor(async () => {
      const { rowCount } = await pools.main.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query = 'commit' and wait_event = 'PgSleep'",
      );
      return rowCount === 1;
    });
    await outcome;
    expect(await things()).toEqual(['kept']);
  });

  it('survives the end of idle connections and of one inside a transaction', async () => {
    const admin = new pg.Client({ connectionString: database.url });
    await admin.connect();
    const killOthers = (): Promise<unknown> =>
      admin.query(
        'select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
      );
    await expect(
      pools.transaction(pools.main, async (tx) => {
        await killOthers();
        await tx.query("insert into thing values ('never')");
      }),
    ).rejects.toThrow();
    await admin.end();
    expect(await waitFor(things)).toEqual(['kept']);
  });

  it('is durable on both pools and plans the queue without scans', async () => {
    const settings = async (pool: pg.Pool): Promise<unknown> =>
      (
        await pool.query(
          "select string_agg(name || '=' || setting, ' ' order by name) s from pg_settings where name in ('synchronous_commit','enable_seqscan','enable_hashjoin','enable_mergejoin','jit','idle_in_transaction_session_timeout')",
        )
      ).rows[0];
    expect(await settings(pools.queue)).toEqual({
      s: 'enable_hashjoin=off enable_mergejoin=off enable_seqscan=off idle_in_transaction_session_timeout=30000 jit=off synchronous_commit=on',
    });
    expect(await settings(pools.main)).toMatchObject({ s: expect.stringContaining('enable_seqscan=on') });
    expect(await settings(pools.main)).toMatchObject({ s: expect.stringContaining('synchronous_commit=on') });
  });

  it('gives int8 as text, timestamptz as Date and uuid as text', async () => {
    const { rows } = await pools.main.query(
      "select 9007199254740993::int8 big, 'epoch'::timestamptz at, uuid_nil id from (select '00000000-0000-0000-0000-000000000000'::uuid uuid_nil) x",
    );
    expect(rows).toEqual([{ big: '9007199254740993', at: new Date(0), id: '00000000-0000-0000-0000-000000000000' }]);
  });
});

describe('readinessFacts', () => {
  it('tells a migrated, durable database from an empty one', async () => {
    for (const [make, migrated] of [
      [createTestDatabase, true],
      [createEmptyDatabase, false],
    ] as const) {
      const database = await make();
      const pool = new pg.Pool({ connectionString: database.url });
      expect(await readinessFacts(pool)).toEqual({
        migrated,
        fsync: true,
        fullPageWrites: true,
        synchronousCommit: 'on',
        serverVersion: expect.stringMatching(/^\d+\.\d+$/),
      });
      await pool.end();
      await database.drop();
    }
  });
});
