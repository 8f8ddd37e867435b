import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { createTestDatabase } from '../../support/postgres.js';
import { dumpSchema } from '../../support/schema-dump.js';

const COMMITTED = join(__dirname, '../../../migrations/schema.txt');

describe('schema', () => {
  it('is what migrations/schema.txt says (UPDATE_SCHEMA=1 rewrites it)', async () => {
    const database = await createTestDatabase();
    const schema = await dumpSchema(database.url);
    await database.drop();
    if (process.env['UPDATE_SCHEMA'] === '1') writeFileSync(COMMITTED, schema);
    expect(schema).toBe(readFileSync(COMMITTED, 'utf8'));
  });

  it('gives partitions the storage, compression, indexes and bounds of their parents', async () => {
    const database = await createTestDatabase();
    const client = new pg.Client({ connectionString: database.url });
    client.on('error', () => undefined);
    await client.connect();
    await client.query("select ensure_partitions('2031-05-15')");
    const different = await client.query(`
      select c.relname, a.attname from pg_inherits h join pg_class c on c.oid = h.inhrelid
        join pg_attribute a on a.attrelid = c.oid join pg_attribute p on p.attrelid = h.inhparent and p.attname = a.attname
      where a.attnum > 0 and c.relkind = 'r'
        and (a.attstorage, a.attcompression, a.attnotnull, a.atthasdef) is distinct from (p.attstorage, p.attcompression, p.attnotnull, p.atthasdef)`);
    expect(different.rows).toEqual([]);
    const indexes = await client.query<{ parents: string; parts: string }>(`
      select (select count(*) from pg_index where indrelid = h.inhparent) parents, (select count(*) from pg_index where indrelid = h.inhrelid) parts
      from pg_inherits h join pg_class c on c.oid = h.inhrelid where c.relkind = 'r'`);
    for (const { parents, parts } of indexes.rows) expect(parts).toBe(parents);
    const bounds = await client.query(`
      select relname, pg_get_expr(relpartbound, oid) bound, reloptions from pg_class where relname in ('recipient_203105', 'delivery_event_203105') order by 1`);
    expect(bounds.rows).toEqual([
      {
        relname: 'delivery_event_203105',
        bound: "FOR VALUES FROM ('2031-05-01 00:00:00+00') TO ('2031-06-01 00:00:00+00')",
        reloptions: null,
      },
      {
        relname: 'recipient_203105',
        bound: "FOR VALUES FROM ('01c29c72-0000-0000-0000-000000000000') TO ('01c33c17-2400-0000-0000-000000000000')",
        reloptions: ['fillfactor=60'],
      },
    ]);
    await client.end();
    await database.drop();
  });
});
