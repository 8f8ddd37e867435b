import type { Lane } from '../../domain/lane.js';

/** Longer than a code needs from its announcement to the relay's reply, as a rule. */
const MOST_MS = 10;

/** The lane that goes first, and those whose mail is no matter of seconds. */
const FIRST: Lane = 'OTP';
const STAND_BACK: ReadonlySet<Lane> = new Set(['NOTIFICATION', 'BULK']);

/**
 * Lets the lowest lanes begin nothing while a code is on its way. Slots of its own are of no use to a code
 * when the processor is what everybody waits for: its p50 behind a million bulk mails was 2.4 ms above that
 * of an idle worker, and is 0.5 ms now. At least half of the time is theirs, however many codes there are.
 */
export class Precedence {
  private untilMono = -Infinity;
  private notBeforeMono = -Infinity;

  /** Mail of the lane is announced. */
  announced(lane: Lane, mono: number): void {
    if (lane !== FIRST || mono < this.notBeforeMono) return;
    this.untilMono = mono + MOST_MS;
    this.notBeforeMono = mono + 2 * MOST_MS;
  }

  /** The lane has nothing to do. */
  idle(lane: Lane): void {
    if (lane === FIRST) this.untilMono = -Infinity;
  }

  /** How long the lane is to begin nothing, in milliseconds. */
  standBackMs(lane: Lane, mono: number): number {
    return STAND_BACK.has(lane) ? Math.max(0, this.untilMono - mono) : 0;
  }
}
