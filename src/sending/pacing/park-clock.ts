import type { Lane } from '../../domain/lane.js';

const SECOND = 1000;
const SWEEP_EVERY_MS = 60 * SECOND;

/**
 * Nobody waits longer than this without being looked at again. A million parked messages cost a
 * thousand updates a second that way; what can go earlier is called back.
 */
const HORIZON_MS: Readonly<Record<Lane, number>> = {
  OTP: 10 * SECOND,
  TRANSACTIONAL: 60 * SECOND,
  NOTIFICATION: 300 * SECOND,
  BULK: 900 * SECOND,
};

/** Spreads what has to wait over the time it will take to let it through, so that it does not come back as a crowd. */
export class ParkClock {
  private readonly next = new Map<string, number>();
  private sweptAt = 0;

  /** Milliseconds until the next one in this queue should ask again: at least `leastMs`, and a turn after the one before. */
  turn(
    key: string,
    lane: Lane,
    { perSecond, leastMs }: { perSecond: number; leastMs: number },
    now: number,
    random01: number,
  ): number {
    const due = Math.max(this.next.get(key) ?? 0, now + leastMs) + SECOND / Math.max(perSecond, 0.01);
    const horizon = HORIZON_MS[lane];
    if (due - now > horizon) return Math.round(horizon * (0.5 + random01 / 2));
    this.sweep(now);
    this.next.set(key, due);
    return Math.ceil(due - now);
  }

  /** Queues that are remembered. */
  get size(): number {
    return this.next.size;
  }

  /** The queue is empty, or as good as. */
  begin(key: string): void {
    this.next.delete(key);
  }

  /** A turn that is over says nothing: each site of each provider would be remembered for good. */
  private sweep(now: number): void {
    if (now - this.sweptAt < SWEEP_EVERY_MS) return;
    this.sweptAt = now;
    for (const [key, due] of this.next) if (due <= now) this.next.delete(key);
  }
}
