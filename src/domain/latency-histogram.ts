/**
 * Latencies as counts: any number of them can be added up over minutes, lanes and replicas, and a
 * percentile is off by less than one step (a factor of 2.5 at most).
 */

/**
 * Upper bounds of the steps in milliseconds, inclusive; what took longer than the last has a count of
 * its own behind them. Counts are stored by their position: never changed.
 */
export const LATENCY_BOUNDS_MS = [
  1, 2, 3, 5, 8, 12, 20, 30, 50, 80, 120, 200, 300, 500, 800, 1200, 2000, 3000, 5000, 8000, 15_000, 30_000, 60_000,
  120_000, 300_000, 600_000,
] as const;

/** How many counts a histogram has. */
export const LATENCY_STEPS = LATENCY_BOUNDS_MS.length + 1;

/** The step a latency is counted in. */
export function latencyStep(ms: number): number {
  const step = LATENCY_BOUNDS_MS.findIndex((bound) => ms <= bound);
  return step < 0 ? LATENCY_BOUNDS_MS.length : step;
}

/**
 * The latency that a share (above 0, up to 1) of all did not exceed, as if those of one step were spread
 * evenly over it. Undefined without any; the last bound for what is beyond it.
 */
export function latencyPercentile(counts: readonly number[], share: number): number | undefined {
  const wanted = share * counts.reduce((sum, count) => sum + count, 0);
  let before = 0;
  for (const [step, count] of counts.entries()) {
    if (count > 0 && before + count >= wanted) {
      const lower = LATENCY_BOUNDS_MS[step - 1] ?? 0;
      const upper = LATENCY_BOUNDS_MS[step] ?? lower;
      return lower + (upper - lower) * ((wanted - before) / count);
    }
    before += count;
  }
  return undefined;
}
