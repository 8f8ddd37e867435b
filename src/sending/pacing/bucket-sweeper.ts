import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Pools } from '../../database/pools.js';
import { DROP_FULL_BUCKETS } from './rate-bucket.sql.js';

const EVERY_MS = 3_600_000;
const MOST_ROWS = 1000;

/** Forgets the rates of sites that nothing was sent to for long, a few rows at a time. */
@Injectable()
export class BucketSweeper implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(BucketSweeper.name);
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly pools: Pools) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.sweepLogged(), EVERY_MS);
    this.timer.unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** The number of rows dropped. */
  async sweep(): Promise<number> {
    let dropped = 0;
    for (;;) {
      const { rowCount } = await this.pools.main.query(DROP_FULL_BUCKETS, [MOST_ROWS]);
      dropped += rowCount ?? 0;
      if ((rowCount ?? 0) < MOST_ROWS) return dropped;
    }
  }

  private async sweepLogged(): Promise<void> {
    try {
      await this.sweep();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.logger.warn({ msg: 'old rates not dropped; tried again in an hour', reason });
    }
  }
}
