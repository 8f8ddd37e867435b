import { describe, expect, it } from '@jest/globals';
import {
  FLOWING,
  LONGEST_PROBE_MS,
  type PaceState,
  currentRate,
  halved,
  isProbeDue,
  opened,
  probing,
  pushedBack,
  ramping,
} from './pace.js';

const SECOND = 1000;
const facts = { share: 0.5, samples: 100, perSecond: 100 };

describe('the breaker', () => {
  it('stops everything, and asks for a look after about a second', () => {
    const state = opened(FLOWING, 0, 0.5);
    expect(state).toMatchObject({ kind: 'OPEN', untilMs: SECOND });
    expect([isProbeDue(state, SECOND - 1), isProbeDue(state, SECOND)]).toEqual([false, true]);
  });

  it.each([
    ['site', [2, 4, 8, 16, 30, 30, 30, 30]],
    ['provider', [2, 4, 8, 10, 10, 10, 10, 10]],
  ] as const)('of a %s waits longer after each look that failed, but not for ever', (what, seconds) => {
    const stop = (before: PaceState, now: number): PaceState => opened(before, now, 0.5, LONGEST_PROBE_MS[what]);
    let state = stop(FLOWING, 0);
    const waits: number[] = [];
    for (let look = 0; look < seconds.length; look += 1) {
      const now = state.untilMs ?? 0;
      state = stop(probing(state, now), now);
      waits.push((state.untilMs ?? 0) - now);
    }
    expect(waits).toEqual(seconds.map((wait) => wait * SECOND));
  });

  it('is not opened twice, and not looked at by two', () => {
    const state = opened(FLOWING, 0, 0.5);
    expect(opened(state, 500, 0.5)).toBe(state);
    expect(isProbeDue(probing(state, SECOND), SECOND + 1)).toBe(false);
    // Whoever looked is gone: another one may.
    expect(isProbeDue(probing(state, SECOND), 60 * SECOND)).toBe(true);
  });

  it('lets a few through at first, more with every second, and everything after half a minute', () => {
    const state = ramping(0, 300);
    expect(currentRate(state, 0)).toBe(10);
    expect(currentRate(state, 10 * SECOND)).toBe(110);
    expect(currentRate(state, 120 * SECOND)).toBeUndefined();
    expect(currentRate(halved(state, 10 * SECOND), 10 * SECOND)).toBe(55);
    expect(currentRate(ramping(0, 0), 0)).toBe(5);
  });
});

describe('a pushback', () => {
  it('takes the rate to what was taken, a little below', () => {
    const state = pushedBack(FLOWING, 0, facts);
    expect(currentRate(state, 0)).toBeCloseTo(48.5);
    expect(currentRate(state, 100 * SECOND)).toBeCloseTo(97);
  });

  it('is judged with care when there are few replies', () => {
    expect(currentRate(pushedBack(FLOWING, 0, { share: 1, samples: 1, perSecond: 100 }), 0)).toBe(50);
    expect(currentRate(pushedBack(FLOWING, 0, { share: 1, samples: 100, perSecond: 100 }), 0)).toBe(2);
  });

  it('of one burst counts once', () => {
    const state = pushedBack(FLOWING, 0, facts);
    expect(pushedBack(state, 1500, facts)).toBe(state);
    expect(currentRate(pushedBack(state, 2500, facts), 2500)).toBeLessThan(30);
  });

  it('ends what nobody complains about any more', () => {
    const state = pushedBack(FLOWING, 0, facts);
    expect(currentRate(state, 1000 * SECOND)).toBeUndefined();
  });

  it('that names a time stops until then, one that names a rate sets it', () => {
    expect(pushedBack(FLOWING, 0, { ...facts, retryAfterMs: 60_000 })).toMatchObject({ kind: 'OPEN', untilMs: 60_000 });
    expect(currentRate(pushedBack(FLOWING, 0, { ...facts, toldPerSecond: 14 }), 0)).toBe(14);
  });
});

const OUTAGE_SECONDS = 300;
const ARRIVING = 20;
const TICK_MS = 100;

/** A provider that is away for five minutes and then takes so many a second, while twenty a second arrive. */
class Outage {
  wasted = 0;
  messages = 0;
  delivered = 0;
  private state: PaceState = FLOWING;
  private queue = 0;
  private failures = 0;
  private tokens = 0;
  private takenThisSecond = 0;

  constructor(private readonly capacity: number) {}

  tick(ms: number): void {
    this.queue += (ARRIVING * TICK_MS) / SECOND;
    this.messages += (ARRIVING * TICK_MS) / SECOND;
    if (ms % SECOND === 0) this.takenThisSecond = 0;
    const isAway = ms < OUTAGE_SECONDS * SECOND;
    if (isProbeDue(this.state, ms))
      this.state = isAway ? opened(probing(this.state, ms), ms, 0.5) : ramping(ms, ARRIVING);
    const rate = currentRate(this.state, ms);
    this.tokens = rate === undefined ? this.queue : Math.min(this.tokens + (rate * TICK_MS) / SECOND, rate);
    let sent = 0;
    while (this.queue >= 1 && this.tokens >= 1 && this.state.kind === 'FLOWING') {
      this.tokens -= 1;
      if (isAway) this.fail(ms);
      else if (this.takenThisSecond >= this.capacity) return this.pushBack(ms, sent);
      else sent += this.take();
    }
  }

  get waiting(): number {
    return this.queue;
  }

  private take(): number {
    this.takenThisSecond += 1;
    this.delivered += 1;
    this.queue -= 1;
    this.failures = 0;
    return 1;
  }

  private fail(ms: number): void {
    this.wasted += 1;
    this.failures += 1;
    if (this.failures >= 5) this.state = opened(this.state, ms, 0.5);
  }

  private pushBack(ms: number, sent: number): void {
    this.wasted += 1;
    const samples = this.takenThisSecond + 1;
    const perSecond = currentRate(this.state, ms) ?? this.capacity + sent;
    this.state = pushedBack(this.state, ms, { share: 1 / samples, samples, perSecond });
  }
}

describe('an outage of five minutes and the return', () => {
  it.each([50, 100])('at %d a second wastes next to nothing and drains at what the provider takes', (capacity) => {
    const outage = new Outage(capacity);
    let ms = 0;
    for (; ms < OUTAGE_SECONDS * SECOND || outage.waiting >= ARRIVING; ms += TICK_MS) {
      outage.tick(ms);
      if (ms > 3600 * SECOND) throw new Error('it never drains');
    }
    expect(outage.wasted / outage.messages).toBeLessThan(0.1);
    const seconds = ms / SECOND - OUTAGE_SECONDS;
    const perfect = (OUTAGE_SECONDS * ARRIVING) / (capacity - ARRIVING);
    // The ramp and the careful steps around the limit cost a little.
    expect(seconds / perfect).toBeLessThan(1.25);
  });
});
