import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LANES } from './lane.js';
import type { Lane } from './lane.js';
import { nextDelayMs } from './retry-schedule.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

function delays(lane: Lane, random01 = 0.5): number[] {
  const all: number[] = [];
  for (let attempt = 1; ; attempt += 1) {
    const delay = nextDelayMs(lane, attempt, random01);
    if (delay === undefined) return all;
    all.push(delay);
  }
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

describe('the retry schedule', () => {
  it('tries a code again within seconds, and is through when it is worthless', () => {
    expect(delays('OTP').map((delay) => delay / SECOND)).toEqual([10, 20, 40, 80, 160, 160]);
    expect(sum(delays('OTP', 1))).toBeLessThan(10 * MINUTE);
  });

  it('gets a code past five minutes of greylisting even with the least jitter', () => {
    expect(sum(delays('OTP', 0))).toBeGreaterThan(300 * SECOND);
  });

  it.each([
    ['TRANSACTIONAL', [1, 3, 10, 30, 60, 120, 240, 240]],
    ['NOTIFICATION', [2, 6, 15, 30, 60, 120, 240, 240]],
    ['BULK', [5, 15, 30, 60, 120, 240, 240, 240]],
  ] as const)('tries %s mail for two days with growing pauses', (lane, minutes) => {
    const all = delays(lane);
    expect(all.slice(0, 8).map((delay) => delay / MINUTE)).toEqual(minutes);
    expect(sum(all)).toBeLessThanOrEqual(48 * HOUR);
    expect(sum(all)).toBeGreaterThan(44 * HOUR);
  });

  it.each(LANES)('never comes back sooner after a later attempt (%s)', (lane) => {
    const all = delays(lane);
    expect(all).toEqual(all.toSorted((a, b) => a - b));
  });

  it('varies each delay by a fifth either way and by no more', () => {
    const attempts = fc.integer({ min: 1, max: 6 });
    const chance = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.constantFrom(...LANES), attempts, chance, (lane, attempt, random01) => {
        const delay = nextDelayMs(lane, attempt, random01) ?? 0;
        const middle = nextDelayMs(lane, attempt, 0.5) ?? 0;
        expect(Math.abs(delay - middle)).toBeLessThanOrEqual(middle / 5 + 1);
        expect(Number.isInteger(delay)).toBe(true);
      }),
    );
    expect(nextDelayMs('OTP', 1, 0)).toBe(8 * SECOND);
    expect(nextDelayMs('OTP', 1, 1)).toBe(12 * SECOND);
  });

  it.each(LANES)('has an end (%s)', (lane) => {
    expect(nextDelayMs(lane, delays(lane).length + 1, 0.5)).toBeUndefined();
    expect(nextDelayMs(lane, 1_000_000, 0.5)).toBeUndefined();
  });

  it('knows nothing before the first attempt', () => {
    expect(nextDelayMs('OTP', 0, 0.5)).toBeUndefined();
  });
});
