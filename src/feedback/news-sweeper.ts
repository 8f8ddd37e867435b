import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { PeriodicTask } from '../database/periodic-task.js';
import { Pools } from '../database/pools.js';
import { sweepInBatches } from '../database/sweep-in-batches.js';
import { reasonOf } from '../telemetry/reason-of.js';
import { NewsRepository } from './news.repository.js';

const EVERY_MS = 3_600_000;
/** Longer than any provider tells the same again: SNS goes on for 23 days. */
const KEPT_DAYS = 30;

/** Forgets the names of news that cannot come again; one replica at a time. */
@Injectable()
export class NewsSweeper implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(NewsSweeper.name);
  private readonly task = new PeriodicTask(
    EVERY_MS,
    () => this.sweep(),
    (error) => this.logger.warn({ msg: 'old news not dropped; tried again in an hour', reason: reasonOf(error) }),
  );

  constructor(
    private readonly pools: Pools,
    private readonly repository: NewsRepository,
  ) {}

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
      'newsSweep',
      () => this.task.isStopped,
      (tx, most) => this.repository.dropOld(tx, KEPT_DAYS, most),
    );
  }
}
