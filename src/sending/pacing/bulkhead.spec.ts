import { describe, expect, it } from '@jest/globals';
import { Bulkhead, type Passage, laneShare } from './bulkhead.js';

const passage = (more: Partial<Passage> = {}): Passage => ({
  provider: 'relay',
  site: 'a.test',
  domain: 'a.test',
  lane: 'BULK',
  beganMono: 0,
  ...more,
});

describe('the bulkhead', () => {
  it('counts what is under way by provider and by site', () => {
    const bulkhead = new Bulkhead();
    const first = passage();
    bulkhead.enter(first);
    bulkhead.enter(passage({ site: 'b.test' }));
    expect([bulkhead.provider('relay'), bulkhead.site('relay', 'a.test'), bulkhead.site('other', 'a.test')]).toEqual([
      2, 1, 0,
    ]);
    bulkhead.leave(first);
    expect([bulkhead.provider('relay'), bulkhead.site('relay', 'a.test')]).toEqual([1, 0]);
  });

  it('takes a site for clogged once a quarter of the slots is held for longer than a second', () => {
    const bulkhead = new Bulkhead();
    const inside = Array.from({ length: 5 }, () => passage());
    for (const one of inside) bulkhead.enter(one);
    expect(bulkhead.isSiteClogged(passage(), 20, 999)).toBe(false);
    expect(bulkhead.isSiteClogged(passage(), 20, 1001)).toBe(true);
    expect(bulkhead.isDomainClogged('BULK', 'a.test', 20, 1001)).toBe(true);
    // Nobody else's slots, lanes and destinations.
    expect(bulkhead.isSiteClogged(passage(), 40, 1001)).toBe(false);
    expect(bulkhead.isSiteClogged(passage({ lane: 'OTP' }), 20, 1001)).toBe(false);
    expect(bulkhead.isDomainClogged('BULK', 'b.test', 20, 1001)).toBe(false);
    bulkhead.leave(inside[0] ?? passage());
    expect(bulkhead.isSiteClogged(passage(), 20, 1001)).toBe(false);
  });

  it('does not count what has just begun, however many there are', () => {
    const bulkhead = new Bulkhead();
    for (let n = 0; n < 20; n += 1) bulkhead.enter(passage({ beganMono: 500 }));
    expect(bulkhead.isSiteClogged(passage(), 20, 1400)).toBe(false);
  });
});

describe('the share of a lane', () => {
  it.each([
    [50, [50, 45, 40, 30]],
    [1, [1, 1, 1, 1]],
    [0, [0, 0, 0, 0]],
  ])('of %d connections leaves the rest to those above', (limit, shares) => {
    expect((['OTP', 'TRANSACTIONAL', 'NOTIFICATION', 'BULK'] as const).map((lane) => laneShare(limit, lane))).toEqual(
      shares,
    );
  });
});
