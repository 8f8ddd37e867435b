import { Injectable } from '@nestjs/common';
import { Pools } from '../database/pools.js';
import { Sweeper } from '../database/sweeper.js';
import type { Transaction } from '../database/transaction.js';
import { NewsRepository } from './news.repository.js';

/** Longer than any provider tells the same again: SNS goes on for 23 days. */
const KEPT_DAYS = 30;

/** Forgets the names of news that cannot come again. */
@Injectable()
export class NewsSweeper extends Sweeper {
  constructor(
    pools: Pools,
    private readonly repository: NewsRepository,
  ) {
    super(pools, 'newsSweep', 'old news');
  }

  protected drop(tx: Transaction, mostRows: number): Promise<number> {
    return this.repository.dropOld(tx, KEPT_DAYS, mostRows);
  }
}
