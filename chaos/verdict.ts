import type { Blow } from './cluster.ts';
import type { LedgerEntry } from './ledger.ts';
import { isHold, keyOf } from './load.ts';

/** A blow that fell: when, and when everything stood again, in milliseconds since the epoch. */
export interface Strike {
  readonly blow: Blow;
  readonly at: number;
  readonly backAt: number;
}

/** What the callers, the relay and the database know when everything has come to an end. */
export interface Evidence {
  readonly strikes: readonly Strike[];
  /** Number of each acknowledged message → its id. */
  readonly acknowledged: ReadonlyMap<number, string>;
  /** Number of each message the relay took → when it took each copy. */
  readonly arrivals: ReadonlyMap<number, readonly number[]>;
  readonly ledger: readonly LedgerEntry[];
}

export interface Verdict {
  readonly acknowledged: number;
  /** Of the acknowledged ones, those the relay took. */
  readonly delivered: number;
  /** Acknowledged, but not with the relay, or not in the ledger under the id that was told. */
  readonly lost: number;
  /** In the ledger more than once, or without having been acknowledged. */
  readonly surplus: number;
  /** In the ledger, but not handed off in the end. */
  readonly unfinished: number;
  /** Without exactly one ACCEPTED and one HANDED_OFF event. */
  readonly misreported: number;
  /** Second and further copies. */
  readonly duplicates: number;
  readonly mostCopies: number;
  /** Attempts recorded as perhaps sent. */
  readonly labelled: number;
  /** Copies beyond those of a message whose attempts say so. */
  readonly unlabelled: number;
  /** Second copies of what must never be sent twice. */
  readonly forbidden: number;
  /** Duplicates by the blow that fell nearest to the first copy. */
  readonly duplicatesBy: ReadonlyMap<Blow, number>;
}

export function judge({ strikes, acknowledged, arrivals, ledger }: Evidence): Verdict {
  const entries = Map.groupBy(ledger, ({ key }) => key);
  const ids = [...acknowledged];
  const delivered = ids.filter(([number]) => arrivals.has(number)).length;
  const lost = ids.filter(
    ([number, id]) => !arrivals.has(number) || entries.get(keyOf(number))?.some((entry) => entry.id === id) !== true,
  ).length;
  const byBlow = new Map<Blow, number>();
  let duplicates = 0;
  let unlabelled = 0;
  let forbidden = 0;
  let mostCopies = 0;
  for (const [number, copies] of arrivals) {
    mostCopies = Math.max(mostCopies, copies.length);
    const more = copies.length - 1;
    if (more === 0) continue;
    duplicates += more;
    if (isHold(number)) forbidden += more;
    unlabelled += Math.max(0, more - (entries.get(keyOf(number))?.[0]?.labelled ?? 0));
    const blow = nearest(strikes, copies[0] ?? 0);
    if (blow !== undefined) byBlow.set(blow, (byBlow.get(blow) ?? 0) + more);
  }
  return {
    acknowledged: acknowledged.size,
    delivered,
    lost,
    surplus: ledger.length - acknowledged.size,
    unfinished: ledger.filter((entry) => !entry.handed_off).length,
    misreported: ledger.filter((entry) => entry.accepted_events !== 1 || entry.handed_off_events !== 1).length,
    duplicates,
    mostCopies,
    labelled: ledger.reduce((sum, entry) => sum + entry.labelled, 0),
    unlabelled,
    forbidden,
    duplicatesBy: byBlow,
  };
}

/** The first copy was handed over shortly before the blow or while it lasted. */
function nearest(strikes: readonly Strike[], time: number): Blow | undefined {
  const distance = ({ at, backAt }: Strike): number => Math.max(at - time, time - backAt, 0);
  return strikes.toSorted((a, b) => distance(a) - distance(b))[0]?.blow;
}
