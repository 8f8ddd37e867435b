import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { PeriodicTask } from '../../database/periodic-task.js';
import { Pools } from '../../database/pools.js';
import { LANES, laneOf } from '../../domain/lane.js';
import { reasonOf } from '../../telemetry/reason-of.js';
import { DeliveryMetrics } from './delivery-metrics.js';

/** Counting a million jobs takes 120 ms, so not at every scrape. */
const EVERY_MS = 15_000;

const QUEUE_BY_LANE = `
select lane, count(*)::int as depth,
       coalesce(extract(epoch from now() - min(run_at) filter (where lease is null and run_at <= now())), 0)::float8 as oldest
  from send_job group by lane`;

/** Publishes depth and oldest due age of each lane as metrics. */
@Injectable()
export class QueueObserver implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(QueueObserver.name);
  private readonly task = new PeriodicTask(
    EVERY_MS,
    () => this.observe(),
    (error) => this.logger.warn({ msg: 'queue not observed', reason: reasonOf(error) }),
  );

  constructor(
    private readonly pools: Pools,
    private readonly metrics: DeliveryMetrics,
  ) {}

  onApplicationBootstrap(): void {
    this.task.start();
    void this.task.run();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.task.stop();
  }

  private async observe(): Promise<void> {
    const { rows } = await this.pools.main.query<{ lane: number; depth: number; oldest: number }>(QUEUE_BY_LANE);
    const byLane = new Map(rows.map((row) => [laneOf(row.lane), row]));
    for (const lane of LANES) this.metrics.queue(lane, byLane.get(lane)?.depth ?? 0, byLane.get(lane)?.oldest ?? 0);
  }
}
