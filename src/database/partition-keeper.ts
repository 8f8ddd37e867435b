import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { ENSURE_PARTITIONS } from './ensure-partitions.sql.js';
import { PeriodicTask } from './periodic-task.js';
import { Pools } from './pools.js';

const EVERY_MS = 6 * 3_600_000;

/** Makes the months to come, ahead of time: a row without a partition would be refused. */
@Injectable()
export class PartitionKeeper implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(PartitionKeeper.name);
  private readonly task = new PeriodicTask(
    EVERY_MS,
    () => this.keep(),
    (error) =>
      this.logger.error(
        'partitions could not be made; tried again in 6 hours',
        error instanceof Error ? error.stack : String(error),
      ),
  );

  constructor(private readonly pools: Pools) {}

  onApplicationBootstrap(): void {
    this.task.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.task.stop();
  }

  /** Makes what is missing between last month and the month after next. */
  async keep(): Promise<void> {
    await this.pools.main.query(ENSURE_PARTITIONS);
  }
}
