import { Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { reasonOf } from '../telemetry/reason-of.js';
import { isOnlyReplica, type LockName } from './advisory-locks.js';
import { PeriodicTask } from './periodic-task.js';
import type { Pools } from './pools.js';
import type { Transaction } from './transaction.js';

const EVERY_MS = 3_600_000;
const MOST_ROWS = 1000;

/** Forgets every hour what is no longer kept; one replica at a time, a few rows at a time. */
export abstract class Sweeper implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(this.constructor.name);
  private readonly task = new PeriodicTask(
    EVERY_MS,
    () => this.sweep(),
    (error) => this.logger.warn({ msg: `${this.what} not dropped; tried again in an hour`, reason: reasonOf(error) }),
  );

  /** `what` is for the log, such as `old news`. */
  constructor(
    private readonly pools: Pools,
    private readonly lock: LockName,
    private readonly what: string,
  ) {}

  onApplicationBootstrap(): void {
    this.task.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.task.stop();
  }

  /** The number of rows dropped; 0 where another replica is at it. */
  async sweep(): Promise<number> {
    let dropped = 0;
    for (;;) {
      const rows = await this.pools.transaction(this.pools.main, async (tx) =>
        (await isOnlyReplica(tx, this.lock)) ? this.drop(tx, MOST_ROWS) : 0,
      );
      dropped += rows;
      if (rows < MOST_ROWS || this.task.isStopped) return dropped;
    }
  }

  /** Drops about so many rows and tells their number: less only when no more are left. */
  protected abstract drop(tx: Transaction, mostRows: number): Promise<number>;
}
