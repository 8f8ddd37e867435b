import { describe, expect, it } from '@jest/globals';
import { breakerOf } from './breaker.js';
import { FLOWING, opened, probing, ramping } from './pace.js';

const NOW = 1_000_000;

describe('a breaker', () => {
  it('flows without a limit', () => {
    expect(breakerOf(FLOWING, NOW)).toEqual({ state: 'FLOWING', perSecond: undefined, untilMs: undefined });
  });

  it('is slowed as long as a limit lasts, and tells it', () => {
    const pace = ramping(NOW, 300);
    expect(breakerOf(pace, NOW + 1000)).toEqual({ state: 'SLOWED', perSecond: 20, untilMs: undefined });
    expect(breakerOf(pace, NOW + 3_600_000).state).toBe('FLOWING');
  });

  it('is open until somebody looks, and tells how long they may', () => {
    const open = opened(FLOWING, NOW, 0.5);
    expect(breakerOf(open, NOW)).toEqual({ state: 'OPEN', perSecond: undefined, untilMs: NOW + 1000 });
    expect(breakerOf(probing(open, NOW + 1000), NOW + 1000)).toEqual({
      state: 'PROBING',
      perSecond: undefined,
      untilMs: NOW + 31_000,
    });
  });
});
