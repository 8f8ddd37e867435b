import { Injectable } from '@nestjs/common';
import { Pools } from '../../database/pools.js';
import { Sweeper } from '../../database/sweeper.js';
import type { Transaction } from '../../database/transaction.js';
import { DROP_FULL_BUCKETS } from './rate-bucket.sql.js';

/** Forgets the rates of sites that nothing was sent to for long. */
@Injectable()
export class BucketSweeper extends Sweeper {
  constructor(pools: Pools) {
    super(pools, 'bucketSweep', 'old rates');
  }

  protected async drop(tx: Transaction, mostRows: number): Promise<number> {
    return (await tx.query(DROP_FULL_BUCKETS, [mostRows])).rowCount ?? 0;
  }
}
