import { cpuSeconds } from './cpu-time.ts';
import type { NextHop } from './next-hop.ts';
import { type Measurement, type Workload, percentile } from './workload.ts';

const DEADLINE_MS = 120_000;

/** One system under one workload. */
export interface Run {
  readonly system: string;
  readonly work: Workload;
  readonly hop: NextHop;
  /** Processes whose CPU, with that of their descendants, belongs to the system; by what they are. */
  readonly processes: Readonly<Record<string, number>>;
  /** Puts everything in; the time each call took in milliseconds, where there are calls. */
  readonly load: () => Promise<readonly number[]>;
  /** The producer is part of the system and lives in this process. */
  readonly countOwnCpu?: boolean;
}

/** From the first message put in until the last one has arrived at the sink. */
export async function measureRun({ system, work, hop, processes, load, countOwnCpu }: Run): Promise<Measurement> {
  await hop.reset();
  const before = cpuByPart(processes);
  const ownBefore = process.cpuUsage();
  const start = performance.timeOrigin + performance.now();
  const times = await load();
  const own = process.cpuUsage(ownBefore);
  const count = await hop.waitFor(work.messages, DEADLINE_MS);
  const cpu: Record<string, number> = {};
  for (const [part, micros] of Object.entries(cpuByPart(processes))) {
    cpu[part] = (micros - (before[part] ?? 0)) / work.messages;
  }
  if (countOwnCpu === true) cpu['producer'] = (own.user + own.system) / work.messages;
  return {
    system,
    workload: work.name,
    messagesPerSecond: count.unique / ((count.lastUniqueAt - start) / 1000),
    cpuMicrosPerMessage: cpu,
    lost: work.messages - count.unique,
    duplicates: count.received - count.unique,
    acceptP50Ms: percentile(times, 0.5),
    acceptP99Ms: percentile(times, 0.99),
  };
}

function cpuByPart(processes: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(processes).map(([part, pid]) => [part, cpuSeconds([pid]) * 1e6]));
}
