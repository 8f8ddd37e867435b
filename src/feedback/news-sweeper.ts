import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Pools } from '../database/pools.js';
import { NewsRepository } from './news.repository.js';

const EVERY_MS = 3_600_000;
/** Longer than any provider tells the same again: SNS goes on for 23 days. */
const KEPT_DAYS = 30;
const MOST_ROWS = 1000;

/** Forgets the names of news that cannot come again. */
@Injectable()
export class NewsSweeper implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(NewsSweeper.name);
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly pools: Pools,
    private readonly repository: NewsRepository,
  ) {}

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
      const rows = await this.pools.transaction(this.pools.main, (tx) =>
        this.repository.dropOld(tx, KEPT_DAYS, MOST_ROWS),
      );
      dropped += rows;
      if (rows < MOST_ROWS) return dropped;
    }
  }

  private async sweepLogged(): Promise<void> {
    try {
      await this.sweep();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.logger.warn({ msg: 'old news not dropped; tried again in an hour', reason });
    }
  }
}
