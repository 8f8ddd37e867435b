import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { PeriodicTask } from '../../database/periodic-task.js';
import { Pools } from '../../database/pools.js';
import { sweepInBatches } from '../../database/sweep-in-batches.js';
import { reasonOf } from '../../telemetry/reason-of.js';
import { ProviderChangeRepository } from './provider-change.repository.js';
import { ProviderMinuteRepository } from './provider-minute.repository.js';

const EVERY_MS = 3_600_000;
/** Enough to compare a month with the one before it ended; what happened is of use for as long as the counts are. */
const KEPT_DAYS = 35;

type History = Pick<ProviderMinuteRepository | ProviderChangeRepository, 'dropOld'>;

/** Forgets what providers did long ago, minutes and changes; one replica at a time, a few rows at a time. */
@Injectable()
export class HistorySweeper implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(HistorySweeper.name);
  private readonly task = new PeriodicTask(
    EVERY_MS,
    () => this.sweep(),
    (error) => this.logger.warn({ msg: 'old history not dropped; tried again in an hour', reason: reasonOf(error) }),
  );

  constructor(
    private readonly pools: Pools,
    private readonly minutes: ProviderMinuteRepository,
    private readonly changes: ProviderChangeRepository,
  ) {}

  onApplicationBootstrap(): void {
    this.task.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.task.stop();
  }

  /** The number of rows dropped; 0 where another replica is at it. */
  async sweep(): Promise<number> {
    return (await this.sweepAll(this.minutes)) + (await this.sweepAll(this.changes));
  }

  private sweepAll(history: History): Promise<number> {
    return sweepInBatches(
      this.pools,
      'historySweep',
      () => this.task.isStopped,
      (tx, most) => history.dropOld(tx, KEPT_DAYS, most),
    );
  }
}
