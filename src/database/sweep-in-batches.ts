import { isOnlyReplica, type LockName } from './advisory-locks.js';
import type { Pools } from './pools.js';
import type { Transaction } from './transaction.js';

const MOST_ROWS = 1000;

/**
 * Drops what is no longer kept, at most 1,000 rows in a transaction, one replica at a time, until there is
 * no more of it or it is to stop. The number of rows dropped; 0 where another replica is at it.
 */
export async function sweepInBatches(
  pools: Pools,
  lock: LockName,
  isStopped: () => boolean,
  drop: (tx: Transaction, mostRows: number) => Promise<number>,
): Promise<number> {
  let dropped = 0;
  for (;;) {
    const rows = await pools.transaction(pools.main, async (tx) =>
      (await isOnlyReplica(tx, lock)) ? drop(tx, MOST_ROWS) : 0,
    );
    dropped += rows;
    if (rows < MOST_ROWS || isStopped()) return dropped;
  }
}
