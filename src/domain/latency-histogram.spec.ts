import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LATENCY_BOUNDS_MS, LATENCY_STEPS, latencyPercentile, latencyStep } from './latency-histogram.js';

const latency = fc.double({ min: 0, max: 900_000, noNaN: true });
const some = fc.array(latency, { minLength: 1, maxLength: 200 });
const share = fc.double({ min: 0.001, max: 1, noNaN: true });

function histogram(latencies: readonly number[]): number[] {
  const counts = Array.from({ length: LATENCY_STEPS }, () => 0);
  for (const ms of latencies) counts[latencyStep(ms)] = (counts[latencyStep(ms)] ?? 0) + 1;
  return counts;
}

/** The latency that so large a share of them did not exceed. */
function exact(latencies: readonly number[], of: number): number {
  return latencies.toSorted((a, b) => a - b)[Math.ceil(of * latencies.length) - 1] ?? Number.NaN;
}

describe('latency histogram', () => {
  it('counts a latency in the first step it fits into', () => {
    expect([0, 0.4, 1, 1.01, 2, 600_000, 600_001, 1e9].map(latencyStep)).toEqual([0, 0, 0, 1, 1, 25, 26, 26]);
  });

  it('tells nothing of nothing', () => {
    expect(latencyPercentile([], 0.5)).toBeUndefined();
    expect(latencyPercentile(histogram([]), 0.5)).toBeUndefined();
  });

  it('spreads the latencies of a step evenly', () => {
    const counts = histogram([...Array.from({ length: 50 }, () => 60), ...Array.from({ length: 50 }, () => 250)]);
    expect(latencyPercentile(counts, 0.25)).toBeCloseTo(65);
    expect(latencyPercentile(counts, 0.5)).toBeCloseTo(80);
    expect(latencyPercentile(counts, 0.95)).toBeCloseTo(290);
  });

  it('ends at the last bound', () => {
    expect(latencyPercentile(histogram([700_000, 800_000]), 0.95)).toBe(LATENCY_BOUNDS_MS.at(-1));
  });

  it('has every percentile in the step of the real one', () => {
    fc.assert(
      fc.property(some, share, (latencies, of) => {
        const real = latencyStep(exact(latencies, of));
        const told = latencyPercentile(histogram(latencies), of) ?? Number.NaN;
        const lower = LATENCY_BOUNDS_MS[real - 1] ?? 0;
        expect(told).toBeGreaterThanOrEqual(lower);
        expect(told).toBeLessThanOrEqual(LATENCY_BOUNDS_MS[real] ?? lower);
      }),
    );
  });

  it('never falls as the share grows', () => {
    fc.assert(
      fc.property(some, share, share, (latencies, one, other) => {
        const told = [one, other].toSorted((a, b) => a - b).map((of) => latencyPercentile(histogram(latencies), of));
        expect(told[0]).toBeLessThanOrEqual(told[1] ?? Number.NaN);
      }),
    );
  });

  it('says the same of histograms added up as of all latencies in one', () => {
    fc.assert(
      fc.property(some, some, share, (one, other, of) => {
        const sum = histogram(one).map((count, step) => count + (histogram(other)[step] ?? 0));
        expect(latencyPercentile(sum, of)).toBe(latencyPercentile(histogram([...one, ...other]), of));
      }),
    );
  });
});
