import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Pools } from '../../database/pools.js';
import { LANES, laneOf } from '../../domain/lane.js';
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
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly pools: Pools,
    private readonly metrics: DeliveryMetrics,
  ) {}

  onApplicationBootstrap(): void {
    void this.observe();
    this.timer = setInterval(() => void this.observe(), EVERY_MS);
    this.timer.unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  async observe(): Promise<void> {
    try {
      const { rows } = await this.pools.main.query<{ lane: number; depth: number; oldest: number }>(QUEUE_BY_LANE);
      const byLane = new Map(rows.map((row) => [laneOf(row.lane), row]));
      for (const lane of LANES) this.metrics.queue(lane, byLane.get(lane)?.depth ?? 0, byLane.get(lane)?.oldest ?? 0);
    } catch (error) {
      this.logger.warn({ msg: 'queue not observed', reason: error instanceof Error ? error.message : String(error) });
    }
  }
}
