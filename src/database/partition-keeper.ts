import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { ENSURE_PARTITIONS } from './ensure-partitions.sql.js';
import { Pools } from './pools.js';

const EVERY_MS = 6 * 3_600_000;

/** Makes the months to come, ahead of time: a row without a partition would be refused. */
@Injectable()
export class PartitionKeeper implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(PartitionKeeper.name);
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;

  constructor(private readonly pools: Pools) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.running ??= this.tryOnce().finally(() => (this.running = undefined));
    }, EVERY_MS);
    this.timer.unref();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  /** Makes what is missing between last month and the month after next. */
  async keep(): Promise<void> {
    await this.pools.main.query(ENSURE_PARTITIONS);
  }

  private async tryOnce(): Promise<void> {
    try {
      await this.keep();
    } catch (error) {
      this.logger.error(
        'partitions could not be made; tried again in 6 hours',
        error instanceof Error ? error.stack : String(error),
      );
    }
  }
}
