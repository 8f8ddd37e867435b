import type { Transaction } from './transaction.js';

/**
 * Every advisory lock that has a number, so that none is used for two things. All releases agree on
 * them: two that differ run side by side while replicas are replaced one after the other.
 */
const LOCKS = {
  queueSweep: 7_303_014,
  historySweep: 7_303_015,
  newsSweep: 7_303_016,
  bucketSweep: 7_303_017,
  domainOwnership: 7_303_021,
  domainRecheck: 7_303_022,
  migration: 7_683_019_452,
  firstKey: 7_683_019_453,
} as const;

export type LockName = keyof typeof LOCKS;

/** Waits until no other replica holds it; it is held until the end of the transaction. */
export async function lockAlone(tx: Transaction, name: LockName): Promise<void> {
  await tx.query('select pg_advisory_xact_lock($1)', [LOCKS[name]]);
}

/** True for one replica at a time, until the end of the transaction. */
export async function isOnlyReplica(tx: Transaction, name: LockName): Promise<boolean> {
  const { rows } = await tx.query<{ mine: boolean }>('select pg_try_advisory_xact_lock($1) as mine', [LOCKS[name]]);
  return rows[0]?.mine === true;
}
