import { randomUUID } from 'node:crypto';
import { HealthCheckService, HealthIndicatorService, TerminusModule } from '@nestjs/terminus';
import { NestFactory } from '@nestjs/core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../../src/config/load-config.js';
import { Pools } from '../../../src/database/pools.js';
import { DatabaseIndicator } from '../../../src/health/database.indicator.js';
import { Draining } from '../../../src/health/draining.js';
import { HealthController } from '../../../src/health/health.controller.js';
import { ProcessIndicator } from '../../../src/health/process.indicator.js';
import { QueueIndicator } from '../../../src/health/queue.indicator.js';
import { Readiness } from '../../../src/health/readiness.js';
import { ReadyGauge } from '../../../src/health/ready-gauge.js';
import { Metrics } from '../../../src/telemetry/metrics.js';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../../support/postgres.js';

describe('health', () => {
  let database: TestDatabase;
  let pools: Pools;
  let indicators: HealthIndicatorService;
  let checks: HealthCheckService;

  beforeAll(async () => {
    database = await createTestDatabase();
    pools = new Pools(database.url, loadConfig({}));
    const app = await NestFactory.createApplicationContext(TerminusModule.forRoot({ logger: false }), {
      logger: false,
    });
    indicators = app.get(HealthIndicatorService);
    checks = app.get(HealthCheckService);
  });
  beforeEach(async () => {
    await pools.main.query('delete from send_job');
  });
  afterAll(async () => {
    await pools.close();
    await database.drop();
  });

  const queue = (): QueueIndicator => new QueueIndicator(pools, indicators, { readyQueueAgeMs: 60_000 });
  const addJob = (lane: number, tenantId: string, dueIn: string): Promise<unknown> =>
    pools.main.query(
      `insert into send_job (tenant_id, message_id, n, lane, run_at, domain)
       values ($1, $2, 0, $3, now() + $4::interval, 'example.com')`,
      [tenantId, randomUUID(), lane, dueIn],
    );

  function readiness(role: 'all' | 'api' | 'worker', draining = new Draining(), on = pools): Readiness {
    const database = new DatabaseIndicator(on, indicators);
    const queued = new QueueIndicator(on, indicators, { readyQueueAgeMs: 60_000 });
    return new Readiness(new ProcessIndicator(draining, indicators), database, queued, { role });
  }

  const controller = (...args: Parameters<typeof readiness>): HealthController =>
    new HealthController(checks, readiness(...args));

  it('has an empty queue up, and one with work to come', async () => {
    await expect(queue().check()).resolves.toMatchObject({ queue: { status: 'up', oldestDueMs: 0 } });
    await addJob(0, randomUUID(), '1 hour');
    await expect(queue().check()).resolves.toMatchObject({ queue: { status: 'up', oldestDueMs: 0 } });
  });

  it('finds the oldest due job in any lane and of any tenant, and goes down when it is too old', async () => {
    const tenants = Array.from({ length: 5 }, () => randomUUID());
    for (const lane of [0, 1, 2, 3]) for (const tenant of tenants) await addJob(lane, tenant, '-5 seconds');
    for (const tenant of tenants) await addJob(0, tenant, '1 hour');
    await addJob(2, tenants[3] ?? '', '-50 seconds');
    const young = await queue().check();
    expect(young['queue']?.status).toBe('up');
    expect(young['queue']?.['oldestDueMs']).toBeGreaterThanOrEqual(50_000);
    expect(young['queue']?.['oldestDueMs']).toBeLessThan(60_000);
    await addJob(3, tenants[1] ?? '', '-61 seconds');
    await expect(queue().check()).resolves.toMatchObject({ queue: { status: 'down' } });
  });

  it('stays on the index, however many jobs wait', async () => {
    const { OLDEST_DUE_JOB } = await import('../../../src/health/oldest-due-job.sql.js');
    const { rows } = await pools.queue.query<{ 'QUERY PLAN': string }>(`explain ${OLDEST_DUE_JOB}`);
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    expect(plan).toContain('send_job_claim');
    expect(plan).not.toContain('Seq Scan on send_job');
  });

  it('asks only workers about the queue', async () => {
    await addJob(0, randomUUID(), '-2 hours');
    await expect(controller('api').ready()).resolves.toMatchObject({ status: 'ok' });
    await expect(controller('worker').ready()).rejects.toMatchObject({ response: { error: { queue: {} } } });
    await expect(controller('worker').live()).resolves.toMatchObject({ status: 'ok' });
  });

  it('is not ready while draining, but alive', async () => {
    const draining = new Draining();
    const health = controller('all', draining);
    await expect(health.ready()).resolves.toMatchObject({ status: 'ok' });
    draining.begin();
    await expect(health.ready()).rejects.toMatchObject({ status: 503 });
    await expect(health.live()).resolves.toMatchObject({ status: 'ok' });
    await expect(health.started()).resolves.toMatchObject({ status: 'ok' });
  });

  it('is told as a metric, too', async () => {
    const draining = new Draining();
    const metrics = new Metrics();
    const gauge = new ReadyGauge(metrics, readiness('worker', draining));
    expect(gauge).toBeDefined();
    const told = async (): Promise<string> => metrics.registry.getSingleMetricAsString('postern_ready');
    expect(await told()).toContain('postern_ready 1');
    draining.begin();
    expect(await told()).toContain('postern_ready 0');
    metrics.onApplicationShutdown();
  });

  it('is not ready on a database without the schema, and tells no address of one it cannot reach', async () => {
    const empty = await createEmptyDatabase();
    const bare = new Pools(empty.url, loadConfig({}));
    const refused = { response: { error: { database: { message: 'the schema is older than this release' } } } };
    await expect(controller('api', new Draining(), bare).ready()).rejects.toMatchObject(refused);
    await bare.close();
    await empty.drop();
    const gone = new Pools('postgres://someone:secret@127.0.0.1:1/none', loadConfig({}));
    const unreachable = { response: { error: { database: { message: 'the database does not answer' } } } };
    await expect(controller('api', new Draining(), gone).ready()).rejects.toMatchObject(unreachable);
    await gone.close();
  });
});
