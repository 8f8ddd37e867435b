import { createHash } from 'node:crypto';

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Messages a day from a new address, from that day on; after the last row without limit. The numbers
 * are ours: the big mailbox providers publish none. They begin as low and rise as fast as the tables
 * that mail services give their customers, then double once a week, the time a provider's
 * judgement of an address lags behind what it sent.
 */
export const WARM_UP_SCHEDULE: readonly { readonly fromDay: number; readonly messages: number }[] = [
  { fromDay: 1, messages: 50 },
  { fromDay: 2, messages: 100 },
  { fromDay: 3, messages: 500 },
  { fromDay: 4, messages: 1000 },
  { fromDay: 5, messages: 5000 },
  { fromDay: 6, messages: 10_000 },
  { fromDay: 7, messages: 20_000 },
  { fromDay: 8, messages: 40_000 },
  { fromDay: 15, messages: 80_000 },
  { fromDay: 22, messages: 160_000 },
  { fromDay: 29, messages: 320_000 },
  { fromDay: 36, messages: 640_000 },
  { fromDay: 43, messages: Number.POSITIVE_INFINITY },
];

/** A process takes this share of a day's allowance at once: that much is lost to the day when it is killed. */
const LEASE_SHARE = 50;
const MAX_LEASE = 1000;

/** The day in UTC, as `2026-01-31`. */
export function utcDay(now: Date): string {
  return now.toISOString().slice(0, 10);
}

export function msUntilNextDay(now: Date): number {
  return DAY_MS - (now.getTime() % DAY_MS);
}

/** What an address may send on a day; nothing before its first. Without a first day it is established. */
export function dailyAllowance(firstDay: Date | undefined, day: string): number {
  if (firstDay === undefined) return Number.POSITIVE_INFINITY;
  const number = 1 + Math.round((Date.parse(day) - Date.parse(utcDay(firstDay))) / DAY_MS);
  return WARM_UP_SCHEDULE.findLast(({ fromDay }) => fromDay <= number)?.messages ?? 0;
}

/** How many messages of an allowance a process takes at once, so that not every message is a write. */
export function leaseSize(allowance: number): number {
  return Math.min(MAX_LEASE, Math.ceil(allowance / LEASE_SHARE));
}

/**
 * The addresses in the order in which a site is to see them: always the same for the same site, and
 * spread over all sites (rendezvous hashing: a further address takes its share from all alike).
 */
export function preferredFor<T extends { readonly address: string }>(
  site: string,
  sources: readonly T[],
): readonly T[] {
  return sources
    .map((source) => ({ source, rank: createHash('sha256').update(`${site} ${source.address}`).digest('hex') }))
    .toSorted((a, b) => (a.rank < b.rank ? -1 : 1))
    .map(({ source }) => source);
}
