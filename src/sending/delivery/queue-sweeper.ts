import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Pools } from '../../database/pools.js';
import { DeliveryMetrics } from './delivery-metrics.js';
import { REQUEUE_STUCK } from './requeue-stuck.sql.js';

const EVERY_MS = 3_600_000;
const MOST_ROWS = 1000;
/** Any number that no other advisory lock of ours uses. */
const LOCK = 7_303_014;

/** Does not trust the queue: looks in the ledger for recipients that everybody forgot, and requeues them. */
@Injectable()
export class QueueSweeper implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(QueueSweeper.name);
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly pools: Pools,
    private readonly metrics: DeliveryMetrics,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.sweepLogged(), EVERY_MS);
    this.timer.unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** The number of recipients that had been forgotten; another replica sweeping at the same time makes it 0. */
  async sweep(): Promise<number> {
    return this.pools.transaction(this.pools.main, async (tx) => {
      const { rows } = await tx.query<{ mine: boolean }>('select pg_try_advisory_xact_lock($1) as mine', [LOCK]);
      if (rows[0]?.mine !== true) return 0;
      const stuck = await tx.query<{ message_id: string; n: number }>(REQUEUE_STUCK, [MOST_ROWS]);
      for (const row of stuck.rows) {
        this.logger.error({ msg: 'recipient had no due action; requeued', messageId: row.message_id, n: row.n });
      }
      this.metrics.requeued(stuck.rows.length);
      return stuck.rows.length;
    });
  }

  private async sweepLogged(): Promise<void> {
    try {
      await this.sweep();
    } catch (error) {
      this.logger.error({ msg: 'sweep failed', reason: error instanceof Error ? error.message : String(error) });
    }
  }
}
