import { Injectable } from '@nestjs/common';
import { Pools } from '../../database/pools.js';
import { Sweeper } from '../../database/sweeper.js';
import type { Transaction } from '../../database/transaction.js';
import { ProviderChangeRepository } from './provider-change.repository.js';
import { ProviderMinuteRepository } from './provider-minute.repository.js';

/** Enough to compare a month with the one before it ended; what happened is of use for as long as the counts are. */
const KEPT_DAYS = 35;

/** Forgets what providers did long ago, minutes and changes. */
@Injectable()
export class HistorySweeper extends Sweeper {
  constructor(
    pools: Pools,
    private readonly minutes: ProviderMinuteRepository,
    private readonly changes: ProviderChangeRepository,
  ) {
    super(pools, 'historySweep', 'old history');
  }

  protected async drop(tx: Transaction, mostRows: number): Promise<number> {
    const minutes = await this.minutes.dropOld(tx, KEPT_DAYS, mostRows);
    return minutes + (await this.changes.dropOld(tx, KEPT_DAYS, mostRows));
  }
}
