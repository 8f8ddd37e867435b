import { describe, expect, it } from '@jest/globals';
import { dailyAllowance, leaseSize, msUntilNextDay, preferredFor, utcDay } from './warm-up.js';

describe('dailyAllowance', () => {
  const since = new Date('2026-03-01T17:00:00Z');

  it.each([
    ['2026-02-28', 0],
    ['2026-03-01', 50],
    ['2026-03-02', 100],
    ['2026-03-08', 40_000],
    ['2026-03-14', 40_000],
    ['2026-03-15', 80_000],
    ['2026-04-11', 640_000],
    ['2026-04-12', Number.POSITIVE_INFINITY],
    ['2027-01-01', Number.POSITIVE_INFINITY],
  ])('is on %s %d', (day, messages) => {
    expect(dailyAllowance(since, day)).toBe(messages);
  });

  it('has no end for an established address', () => {
    expect(dailyAllowance(undefined, '2026-03-01')).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('leaseSize', () => {
  it.each([
    [50, 1],
    [100, 2],
    [5000, 100],
    [640_000, 1000],
  ])('of %d is %d', (allowance, size) => {
    expect(leaseSize(allowance)).toBe(size);
  });
});

describe('days', () => {
  it('are those of UTC', () => {
    expect(utcDay(new Date('2026-03-01T23:59:59.999Z'))).toBe('2026-03-01');
    expect(msUntilNextDay(new Date('2026-03-01T23:59:59.000Z'))).toBe(1000);
    expect(msUntilNextDay(new Date('2026-03-01T00:00:00.000Z'))).toBe(86_400_000);
  });
});

describe('preferredFor', () => {
  const sources = ['192.0.2.1', '192.0.2.2', '192.0.2.3'].map((address) => ({ address }));
  const sites = Array.from({ length: 300 }, (_, n) => `mx${n}.example.test`);

  it('is the same for a site, whatever the order of the settings', () => {
    for (const site of sites) expect(preferredFor(site, sources.toReversed())).toEqual(preferredFor(site, sources));
  });

  it('spreads sites over all addresses', () => {
    for (const source of sources) {
      const share = sites.filter((site) => preferredFor(site, sources)[0] === source).length;
      expect(share).toBeGreaterThan(60);
    }
  });

  it('moves only the sites that a further address takes', () => {
    const more = [...sources, { address: '192.0.2.4' }];
    const [added] = more.slice(-1);
    for (const site of sites) {
      const [first] = preferredFor(site, more);
      if (first !== added) expect(first).toBe(preferredFor(site, sources)[0]);
    }
  });
});
