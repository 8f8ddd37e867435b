import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { migrate } from '../../../src/database/migrate.js';
import { MIGRATIONS } from '../../../src/database/migrations.js';
import { createEmptyDatabase, type TestDatabase } from '../../support/postgres.js';

describe('migrate', () => {
  let database: TestDatabase;
  let client: pg.Client;

  beforeAll(async () => {
    database = await createEmptyDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
  });
  afterAll(async () => {
    await client.end();
    await database.drop();
  });

  const count = async (sql: string): Promise<number> => Number((await client.query<{ n: string }>(sql)).rows[0]?.n);

  it('runs once when four processes start at once', async () => {
    await Promise.all([1, 2, 3, 4].map(() => migrate(database.url)));
    expect(await count('select count(*) n from schema_migration')).toBe(MIGRATIONS.length);
    expect(await count('select count(*) n from installation')).toBe(1);
    expect(await count('select min(length(api_key_pepper)) n from installation')).toBe(32);
  });

  it('changes nothing the second time', async () => {
    const before = await client.query('select * from installation');
    await migrate(database.url);
    expect((await client.query('select * from installation')).rows).toEqual(before.rows);
  });

  it('makes four months of every partitioned table', async () => {
    const { rows } = await client.query<{ parent: string; n: string }>(
      'select inhparent::regclass::text parent, count(*) n from pg_inherits join pg_class c on c.oid = inhrelid where relkind = $1 group by 1 order by 1',
      ['r'],
    );
    expect(rows).toEqual(
      ['attempt', 'delivery_event', 'message', 'message_attachment', 'message_content', 'recipient'].map((parent) => ({
        parent,
        n: '4',
      })),
    );
  });

  it('makes a month once, also from several connections at once', async () => {
    const clients = await Promise.all(
      [1, 2, 3, 4].map(async () => {
        const other = new pg.Client({ connectionString: database.url });
        await other.connect();
        return other;
      }),
    );
    await Promise.all(clients.map((other) => other.query("select ensure_partitions('2031-05-15')")));
    await Promise.all(clients.map((other) => other.end()));
    expect(await count("select count(*) n from pg_class where relname like '%\\_203105' and relkind = 'r'")).toBe(6);
  });
});
