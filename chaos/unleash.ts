import type { NextHop } from '../bench/next-hop.ts';
import { type Blow, Cluster, type SettingsOf } from './cluster.ts';
import type { KillableDatabase } from './killable-database.ts';
import { pendingJobs, pendingSince, readLedger } from './ledger.ts';
import { Load } from './load.ts';
import { resolveDoubts } from './operator.ts';
import { until } from './until.ts';
import { type Strike, type Verdict, judge } from './verdict.ts';

const CALLERS = 16;
const PAUSE_MS = 10;
const ANSWERS_WITHIN_MS = 60_000;
const DRAINED_WITHIN_MS = 120_000;
/** This share of the blows falls before the wounds of the last one have healed. */
const HASTY = 0.25;

export interface Outcome {
  readonly strikes: readonly Strike[];
  readonly verdict: Verdict;
  readonly unknown: number;
  readonly resolved: number;
  readonly hadBeenAccepted: number;
  /** Messages that waited for an operator because they were perhaps sent; those that had been. */
  readonly doubts: { readonly held: number; readonly sent: number };
  /** What must not happen at all: processes that ended by themselves, refusals. */
  readonly faults: readonly string[];
}

export interface Plan {
  readonly database: KillableDatabase;
  readonly hop: NextHop;
  /** What happens, one after the other. */
  readonly blows: readonly Blow[];
  readonly settingsOf: SettingsOf;
  readonly tell: (line: string) => void;
}

/**
 * Sends mail without pause while things happen to processes, connections and the database; then waits
 * until everything has come to an end and counts.
 */
export async function unleash({ database, hop, blows, settingsOf, tell }: Plan): Promise<Outcome> {
  await hop.reset();
  const cluster = await Cluster.start(database, hop, settingsOf);
  const load = new Load(() => cluster.anyApi(), cluster.key);
  const running = load.run(CALLERS, PAUSE_MS);
  const done: Strike[] = [];
  try {
    for (const blow of blows) {
      const last = done.at(-1)?.backAt;
      if (last !== undefined && Math.random() > HASTY) {
        await until(async () => (await pendingSince(database.url, last)) === 0, DRAINED_WITHIN_MS);
      }
      await nextMoment(load);
      const at = Date.now();
      await cluster.strike(blow);
      done.push({ blow, at, backAt: Date.now() });
      const back = `back after ${Date.now() - at} ms`;
      tell(`${done.length} of ${blows.length}: ${blow}, ${back}; ${load.acknowledged.size} acknowledged so far`);
    }
    await nextMoment(load);
    load.stop();
    await running;
    const drained = (): Promise<boolean> =>
      until(async () => (await pendingJobs(database.url)) === 0, DRAINED_WITHIN_MS);
    await drained();
    const doubtful = (await readLedger(database.url)).filter((entry) => entry.in_doubt);
    const api = { url: cluster.anyApi(), key: cluster.key };
    const sent = await resolveDoubts(api, doubtful, await hop.arrivals());
    await drained();
    const verdict = judge({
      strikes: done,
      acknowledged: load.acknowledged,
      arrivals: await hop.arrivals(),
      ledger: await readLedger(database.url),
    });
    const { unknown, resolved, hadBeenAccepted } = load;
    const faults = [...cluster.fallen, ...load.refusals];
    return {
      strikes: done,
      verdict,
      unknown,
      resolved,
      hadBeenAccepted,
      doubts: { held: doubtful.length, sent },
      faults,
    };
  } finally {
    load.stop();
    await cluster.stop();
  }
}

/** Some messages after the last one. */
async function nextMoment(load: Load): Promise<void> {
  const goal = load.acknowledged.size + 50 + Math.random() * 200;
  const went = await until(() => load.acknowledged.size > goal, ANSWERS_WITHIN_MS);
  if (!went) throw new Error(`callers got no answers for ${ANSWERS_WITHIN_MS} ms`);
}
