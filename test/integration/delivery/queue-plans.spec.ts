import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Pools } from '../../../src/database/pools.js';
import {
  EXTEND_LEASES,
  RECALL_JOBS,
  RELEASE_JOBS,
  SETTLE_JOBS,
} from '../../../src/sending/delivery/settle-jobs.sql.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';

// What a queue leaves behind that was full and is empty when it is vacuumed: statistics of no rows.
const FILL = `
insert into send_job(tenant_id, message_id, n, lane, lease, domain)
select '00000000-0000-7000-8000-000000000001', gen_random_uuid(), 0, 1, gen_random_uuid(), 'example.com'
  from generate_series(1, 5000)`;

describe('the statements on claimed jobs', () => {
  let database: TestDatabase;
  let pools: Pools;

  beforeAll(async () => {
    database = await createTestDatabase();
    pools = new Pools(database.url, { databasePool: 1, workerPool: 1 });
    await pools.queue.query(FILL);
    await pools.queue.query('delete from send_job');
    await pools.queue.query('vacuum analyze send_job');
  });
  afterAll(async () => {
    await pools.close();
    await database.drop();
  });

  async function planOf(name: string, text: string, types: readonly string[]): Promise<string[]> {
    await pools.queue.query(`prepare ${name}(${types.join(', ')}) as ${text}`);
    const values = types.map((type) => (type.endsWith('[]') ? "'{}'" : type === 'text' ? "''" : '1')).join(', ');
    const { rows } = await pools.queue.query<{ 'QUERY PLAN': string }>(`explain execute ${name}(${values})`);
    return rows.map((row) => row['QUERY PLAN']);
  }

  it('call back what waits by its own index', async () => {
    const plan = await planOf('recall', RECALL_JOBS, ['smallint', 'text', 'int']);
    expect(plan.some((line) => line.includes('Index Scan using send_job_waiting'))).toBe(true);
    expect(plan.some((line) => /send_job_claim|Seq Scan/.test(line))).toBe(false);
  });

  it.each([
    ['settle', SETTLE_JOBS, ['float8[]', 'int[]', 'smallint[]', 'smallint[]', 'text[]', 'text[]', 'bool[]']],
    ['extend', EXTEND_LEASES, ['float8']],
    ['release', RELEASE_JOBS, ['float8']],
  ])('look each job up by its key, also when planned while the queue is empty: %s', async (name, text, more) => {
    const plan = await planOf(name, text, ['uuid[]', 'uuid[]', 'int[]', 'uuid[]', ...more]);
    const scans = plan.filter((line) => /Scan .*(send_job|on j)/.test(line));
    expect(scans.length).toBeGreaterThan(0);
    for (const scan of scans) expect(scan).not.toMatch(/send_job_claim|Seq Scan/);
    const conditions = plan.filter((line) => line.includes('Index Cond'));
    expect(conditions.length).toBeGreaterThan(0);
    for (const condition of conditions) expect(condition).toMatch(/message_id = .*AND \(n = /);
    expect(plan.filter((line) => /Index Scan (using|on) send_job_pkey/.test(line))).toHaveLength(conditions.length);
  });
});
