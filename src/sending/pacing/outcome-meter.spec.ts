import { describe, expect, it } from '@jest/globals';
import { OutcomeMeter } from './outcome-meter.js';

describe('the meter of a way', () => {
  it('counts failures until something works', () => {
    const meter = new OutcomeMeter();
    for (const health of ['FAILED', 'FAILED', 'PUSHED_BACK', 'FAILED'] as const) meter.note(health, 10);
    expect([meter.failuresInARow, meter.lastWorkedMono]).toEqual([3, -Infinity]);
    meter.note('WORKED', 20);
    expect([meter.failuresInARow, meter.lastWorkedMono]).toEqual([0, 20]);
  });

  it('tells the share that asked for less, of the latest second or two', () => {
    const meter = new OutcomeMeter();
    for (let n = 0; n < 8; n += 1) meter.note(n < 2 ? 'PUSHED_BACK' : 'WORKED', 100);
    expect(meter.pushbacks(200)).toEqual({ share: 0.25, samples: 8 });
    expect(meter.pushbacks(1500)).toEqual({ share: 0.25, samples: 8 });
    expect(meter.pushbacks(10_000)).toEqual({ share: 0, samples: 0 });
  });

  it('remembers for a while what usually goes', () => {
    const meter = new OutcomeMeter();
    for (let ms = 0; ms < 3000; ms += 10) meter.note('WORKED', ms);
    expect(meter.usualPerSecond(3100)).toBeGreaterThan(90);
    expect(meter.usualPerSecond(60_000)).toBeGreaterThan(40);
    expect(meter.usualPerSecond(1_200_000)).toBeLessThan(5);
  });

  it('knows how many destinations ask for less', () => {
    const meter = new OutcomeMeter();
    meter.pushedBackBy('a.test', 0);
    meter.pushedBackBy('b.test', 5000);
    expect([meter.sitesThatPushBack(6000), meter.sitesThatPushBack(12_000)]).toEqual([2, 1]);
  });
});
