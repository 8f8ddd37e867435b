/** What every system is given to send. */
export interface Workload {
  readonly name: string;
  readonly messages: number;
  /** Size of the bodies together, in bytes. */
  readonly bytes: number;
  /** Messages per request; 1: single mutations. */
  readonly batch: number;
}

/** Callers that each wait for their answer before they ask again. */
export const CALLERS = 64;

/** The same with batches: four at once keep either system busy. */
const BATCH_CALLERS = 4;

export interface Measurement {
  readonly system: string;
  readonly workload: string;
  readonly messagesPerSecond: number;
  /** By process. */
  readonly cpuMicrosPerMessage: Readonly<Record<string, number>>;
  readonly lost: number;
  readonly duplicates: number;
  readonly acceptP50Ms: number | undefined;
  readonly acceptP99Ms: number | undefined;
}

const LINE = 'The quick brown fox jumps over the lazy dog while forty-two invoices are paid.\r\n';

/** Text of the given length in lines of 80. */
function filler(bytes: number): string {
  return LINE.repeat(Math.ceil(bytes / LINE.length)).slice(0, bytes);
}

/** Text and HTML that together have the workload's size. */
export function bodies(bytes: number): { text: string; html: string } {
  const text = filler(Math.round(bytes / 4));
  const html = `<html><body><p>${filler(bytes - text.length - 38)}</p></body></html>`;
  return { text, html };
}

/** The address a message is counted by. */
export const recipient = (id: number): string => `${id}b@bench.test`;

/** Makes the workload's calls, so many callers at once; the time each call took, in milliseconds. */
export async function callAll(work: Workload, call: (caller: number) => Promise<void>): Promise<number[]> {
  const times: number[] = [];
  const calls = work.messages / work.batch;
  let made = 0;
  const caller = async (_: unknown, self: number): Promise<void> => {
    while (made < calls) {
      made += 1;
      const start = performance.now();
      await call(self);
      times.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: work.batch === 1 ? CALLERS : BATCH_CALLERS }, caller));
  return times;
}

export function percentile(values: readonly number[], share: number): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5) ?? Number.NaN;
}
