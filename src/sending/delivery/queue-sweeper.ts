import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { isOnlyReplica } from '../../database/advisory-locks.js';
import { PeriodicTask } from '../../database/periodic-task.js';
import { Pools } from '../../database/pools.js';
import { reasonOf } from '../../telemetry/reason-of.js';
import { DeliveryMetrics } from './delivery-metrics.js';
import { REQUEUE_STUCK } from './requeue-stuck.sql.js';

const EVERY_MS = 3_600_000;
const MOST_ROWS = 1000;

/** Does not trust the queue: looks in the ledger for recipients that everybody forgot, and requeues them. */
@Injectable()
export class QueueSweeper implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(QueueSweeper.name);
  private readonly task = new PeriodicTask(
    EVERY_MS,
    () => this.sweep(),
    (error) => this.logger.error({ msg: 'sweep failed', reason: reasonOf(error) }),
  );

  constructor(
    private readonly pools: Pools,
    private readonly metrics: DeliveryMetrics,
  ) {}

  onApplicationBootstrap(): void {
    this.task.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.task.stop();
  }

  /** The number of recipients that had been forgotten; another replica sweeping at the same time makes it 0. */
  async sweep(): Promise<number> {
    return this.pools.transaction(this.pools.main, async (tx) => {
      if (!(await isOnlyReplica(tx, 'queueSweep'))) return 0;
      const stuck = await tx.query<{ message_id: string; n: number }>(REQUEUE_STUCK, [MOST_ROWS]);
      for (const row of stuck.rows) {
        this.logger.error({ msg: 'recipient had no due action; requeued', messageId: row.message_id, n: row.n });
      }
      this.metrics.requeued(stuck.rows.length);
      return stuck.rows.length;
    });
  }
}
