import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Pools } from '../../database/pools.js';
import { ProviderMinuteRepository } from './provider-minute.repository.js';

const EVERY_MS = 3_600_000;
/** Enough to compare a month with the one before it ended. */
const KEPT_DAYS = 35;
const MOST_ROWS = 1000;
/** Any number that no other advisory lock of ours uses. */
const LOCK = 7_303_015;

/** Forgets minutes that are long past; one replica at a time, a few rows at a time. */
@Injectable()
export class MinuteSweeper implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(MinuteSweeper.name);
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly pools: Pools,
    private readonly repository: ProviderMinuteRepository,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.sweepLogged(), EVERY_MS);
    this.timer.unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** The number of rows dropped; 0 where another replica is at it. */
  async sweep(): Promise<number> {
    let dropped = 0;
    for (;;) {
      const rows = await this.sweepOnce();
      dropped += rows;
      if (rows < MOST_ROWS) return dropped;
    }
  }

  private sweepOnce(): Promise<number> {
    return this.pools.transaction(this.pools.main, async (tx) => {
      const { rows } = await tx.query<{ mine: boolean }>('select pg_try_advisory_xact_lock($1) as mine', [LOCK]);
      return rows[0]?.mine === true ? this.repository.dropOld(tx, KEPT_DAYS, MOST_ROWS) : 0;
    });
  }

  private async sweepLogged(): Promise<void> {
    try {
      await this.sweep();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.logger.warn({ msg: 'old scores not dropped; tried again in an hour', reason });
    }
  }
}
