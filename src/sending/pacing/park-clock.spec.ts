import { describe, expect, it } from '@jest/globals';
import { ParkClock } from './park-clock.js';

describe('the turns of what is put back', () => {
  it('follow one another at the rate there is, after the least wait', () => {
    const clock = new ParkClock();
    const turns = [1, 2, 3].map(() => clock.turn('k', 'BULK', { perSecond: 10, leastMs: 500 }, 1000, 0.5));
    expect(turns).toEqual([600, 700, 800]);
    expect(clock.turn('other', 'BULK', { perSecond: 10, leastMs: 0 }, 1000, 0.5)).toBe(100);
  });

  it('begin anew when the queue is empty', () => {
    const clock = new ParkClock();
    clock.turn('k', 'BULK', { perSecond: 1, leastMs: 0 }, 0, 0.5);
    expect(clock.turn('k', 'BULK', { perSecond: 1, leastMs: 0 }, 60_000, 0.5)).toBe(1000);
  });

  it('are forgotten when they are over', () => {
    const clock = new ParkClock();
    const turn = (site: number, now: number): number =>
      clock.turn(`site${site}`, 'BULK', { perSecond: 1, leastMs: 0 }, now, 0.5);
    for (let site = 0; site < 100; site += 1) turn(site, 0);
    turn(100, 120_000);
    expect(clock.size).toBe(1);
  });

  it('never lie beyond the lane’s horizon, and are spread before it', () => {
    const clock = new ParkClock();
    const far = { perSecond: 0.001, leastMs: 3_600_000 };
    expect(clock.turn('k', 'OTP', far, 0, 0)).toBe(5000);
    expect(clock.turn('k', 'OTP', far, 0, 0.5)).toBe(7500);
    expect(clock.turn('k', 'BULK', far, 0, 0)).toBe(450_000);
  });
});
