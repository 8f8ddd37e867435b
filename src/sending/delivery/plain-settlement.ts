import type { Settlement } from './decide-outcome.js';

/**
 * The same with texts that the database certainly takes: what a provider says may hold characters that
 * neither its text nor its JSON can (NUL, halves of surrogate pairs).
 */
export function plainSettlement(settlement: Settlement): Settlement {
  return { ...settlement, changes: settlement.changes.map((change) => plain(change)) };
}

function plain<T>(value: T): T {
  if (typeof value === 'string') return value.toWellFormed().replaceAll('\0', '') as T;
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)])) as T;
}
