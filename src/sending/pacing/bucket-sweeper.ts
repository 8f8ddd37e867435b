import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { PeriodicTask } from '../../database/periodic-task.js';
import { Pools } from '../../database/pools.js';
import { sweepInBatches } from '../../database/sweep-in-batches.js';
import { reasonOf } from '../../telemetry/reason-of.js';
import { DROP_FULL_BUCKETS } from './rate-bucket.sql.js';

const EVERY_MS = 3_600_000;

/** Forgets the rates of sites that nothing was sent to for long. */
@Injectable()
export class BucketSweeper implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(BucketSweeper.name);
  private readonly task = new PeriodicTask(
    EVERY_MS,
    () => this.sweep(),
    (error) => this.logger.warn({ msg: 'old rates not dropped; tried again in an hour', reason: reasonOf(error) }),
  );

  constructor(private readonly pools: Pools) {}

  onApplicationBootstrap(): void {
    this.task.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.task.stop();
  }

  /** The number of rows dropped; 0 where another replica is at it. */
  sweep(): Promise<number> {
    return sweepInBatches(
      this.pools,
      'bucketSweep',
      () => this.task.isStopped,
      async (tx, most) => (await tx.query(DROP_FULL_BUCKETS, [most])).rowCount ?? 0,
    );
  }
}
