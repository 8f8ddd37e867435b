import type { NextHop } from '../bench/next-hop.ts';
import { Cluster, type KillableDatabase, VICTIMS, type Victim } from './cluster.ts';
import { Load } from './load.ts';

const CALLERS = 16;
const PAUSE_MS = 10;
const DRAIN_MS = 120_000;

export interface Verdict {
  readonly kills: Readonly<Record<Victim, number>>;
  readonly acknowledged: number;
  readonly delivered: number;
  readonly lost: number;
  readonly duplicates: number;
  /** Attempts recorded as perhaps sent; every duplicate must be among them. */
  readonly labelled: number;
  readonly unknown: number;
  readonly resolved: number;
  readonly hadBeenAccepted: number;
  readonly unfinished: number;
}

/**
 * Sends mail without pause while processes, connections and the database are killed at random; then
 * waits until everything has come to an end and counts. The kinds take turns, so that a short run
 * meets each of them.
 */
export async function unleash(
  database: KillableDatabase,
  hop: NextHop,
  kills: number,
  tell: (line: string) => void,
): Promise<Verdict> {
  await hop.reset();
  const cluster = await Cluster.start(database, hop);
  const done = { api: 0, worker: 0, backend: 0, database: 0 };
  const load = new Load(() => cluster.anyApi(), cluster.key);
  const running = load.run(CALLERS, PAUSE_MS);
  try {
    for (let kill = 0; kill < kills; kill += 1) {
      const before = load.acknowledged.size;
      await until(() => load.acknowledged.size > before + 50 + Math.random() * 100, DRAIN_MS);
      const victim = VICTIMS[kill % VICTIMS.length] ?? 'worker';
      await cluster.kill(victim);
      done[victim] += 1;
      tell(`kill ${kill + 1} of ${kills}: ${victim}; ${load.acknowledged.size} acknowledged so far`);
    }
    load.stop();
    await running;
    await until(async () => (await cluster.pending()) === 0, DRAIN_MS);
    return await judge(cluster, load, hop, done);
  } finally {
    load.stop();
    await cluster.stop();
  }
}

async function judge(cluster: Cluster, load: Load, hop: NextHop, kills: Record<Victim, number>): Promise<Verdict> {
  const count = await hop.count();
  return {
    kills,
    acknowledged: load.acknowledged.size,
    delivered: count.unique,
    // Every message begun was acknowledged in the end, so the sink must know exactly as many.
    lost: load.acknowledged.size - count.unique,
    duplicates: count.received - count.unique,
    labelled: await cluster.labelled(),
    unknown: load.unknown,
    resolved: load.resolved,
    hadBeenAccepted: load.hadBeenAccepted,
    unfinished: await cluster.pending(),
  };
}

async function until(condition: () => boolean | Promise<boolean>, deadlineMs: number): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (performance.now() < end) {
    try {
      if (await condition()) return;
    } catch {
      // The database may be on its way back.
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
