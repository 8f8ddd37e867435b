import { type PaceState, currentRate } from './pace.js';

/** A pace in one word, from the best to the worst: the position is the value of the metric. */
export const BREAKER_STATES = ['FLOWING', 'SLOWED', 'PROBING', 'OPEN'] as const;

export type BreakerState = (typeof BREAKER_STATES)[number];

export interface Breaker {
  readonly state: BreakerState;
  /** Messages a second that may go; only while SLOWED. */
  readonly perSecond: number | undefined;
  /** OPEN: when somebody looks again. PROBING: when whoever looks is given up. */
  readonly untilMs: number | undefined;
}

export function breakerOf(pace: PaceState, nowMs: number): Breaker {
  const { kind, untilMs } = pace;
  if (kind !== 'FLOWING') return { state: kind, perSecond: undefined, untilMs };
  const perSecond = currentRate(pace, nowMs);
  return { state: perSecond === undefined ? 'FLOWING' : 'SLOWED', perSecond, untilMs: undefined };
}
