import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canBecome, joinStatus } from './recipient-transition.js';
import { RECIPIENT_STATUSES, isSettled, statusCode } from './recipient-status.js';
import type { RecipientStatus } from './recipient-status.js';

const status = fc.constantFrom(...RECIPIENT_STATUSES);
const AFTER_HAND_OVER = ['HANDED_OFF', 'DELIVERED', 'BOUNCED'] as const;

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, i) => permutations(items.toSpliced(i, 1)).map((rest) => [item, ...rest]));
}

describe('news about a recipient', () => {
  it('from the holder of the lease count as they come', () => {
    const open = RECIPIENT_STATUSES.filter((name) => !isSettled(name));
    fc.assert(
      fc.property(fc.constantFrom(...open), status, (current, news) => expect(joinStatus(current, news)).toBe(news)),
    );
  });

  it('end in the same status in every order of arrival, each told up to twice', () => {
    for (const told of [AFTER_HAND_OVER, [...AFTER_HAND_OVER, 'DELIVERED', 'HANDED_OFF'] as const]) {
      const ends = permutations<RecipientStatus>(told).map((order) => order.reduce(joinStatus));
      expect(new Set(ends)).toEqual(new Set(['BOUNCED']));
    }
    const ends = permutations<RecipientStatus>(['HANDED_OFF', 'DELIVERED', 'DELIVERED']).map((order) =>
      order.reduce(joinStatus),
    );
    expect(new Set(ends)).toEqual(new Set(['DELIVERED']));
  });

  it('join in any order and grouping, and repeating them changes nothing', () => {
    const late = fc.constantFrom<RecipientStatus>(...AFTER_HAND_OVER);
    fc.assert(
      fc.property(late, late, late, (a, b, c) => {
        expect(joinStatus(a, b)).toBe(joinStatus(b, a));
        expect(joinStatus(joinStatus(a, b), c)).toBe(joinStatus(a, joinStatus(b, c)));
        expect(joinStatus(a, a)).toBe(a);
        expect(statusCode(joinStatus(a, b))).toBe(Math.max(statusCode(a), statusCode(b)));
      }),
    );
  });

  it('never take a settled recipient back, and move it only towards BOUNCED', () => {
    const settled = fc.constantFrom(...RECIPIENT_STATUSES.filter(isSettled));
    fc.assert(
      fc.property(settled, status, (current, news) => {
        const next = joinStatus(current, news);
        if (next === current) return;
        expect(AFTER_HAND_OVER).toEqual(expect.arrayContaining([current, next]));
        expect(statusCode(next)).toBeGreaterThan(statusCode(current));
      }),
    );
  });
});

describe('the machine', () => {
  it.each([
    ['QUEUED', 'SENDING', true],
    ['SENDING', 'IN_DOUBT', true],
    ['IN_DOUBT', 'QUEUED', true],
    ['DEFERRED', 'CANCELLED', true],
    ['SENDING', 'CANCELLED', false],
    ['IN_DOUBT', 'CANCELLED', false],
    ['HELD', 'SENDING', false],
    ['DELIVERED', 'HANDED_OFF', false],
    ['BOUNCED', 'DELIVERED', false],
    ['CANCELLED', 'QUEUED', false],
  ] as const)('from %s to %s: %s', (from, to, possible) => {
    expect(canBecome(from, to)).toBe(possible);
  });

  it('leaves no recipient without a way to an end, and none becomes what it is', () => {
    for (const from of RECIPIENT_STATUSES) {
      expect(canBecome(from, from)).toBe(false);
      if (isSettled(from)) continue;
      expect(RECIPIENT_STATUSES.some((to) => isSettled(to) && canBecome(from, to))).toBe(true);
    }
  });

  it('lets every status be reached from acceptance', () => {
    const reached = new Set<RecipientStatus>(['QUEUED']);
    for (const from of reached) {
      for (const to of RECIPIENT_STATUSES) if (canBecome(from, to)) reached.add(to);
    }
    expect(reached.size).toBe(RECIPIENT_STATUSES.length);
  });
});
