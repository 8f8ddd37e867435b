import { LANES, type Lane, laneCode } from '../../domain/lane.js';

/** Long enough for another worker to hear of what was put back and to claim it, which takes some 20 ms. */
const FIRST_MS = 50;
/** Twice as long each time that nothing could be sent in between; a lane of codes is always looked at soon. */
const LONGEST_MS: Readonly<Record<Lane, number>> = {
  OTP: FIRST_MS,
  TRANSACTIONAL: 200,
  NOTIFICATION: 500,
  BULK: 500,
};

/**
 * A worker that has none of the connections its mail needs leaves the lane to the others for a moment:
 * whatever it puts back it would else be the first to claim again.
 */
export class StandingBack {
  private readonly lanes = LANES.map(() => ({ untilMono: 0, forMs: 0 }));

  /** For how much longer nothing of the lane should be claimed; 0 or less when it may. */
  ms(lane: Lane, mono: number): number {
    return Math.ceil((this.lanes[laneCode(lane)]?.untilMono ?? 0) - mono);
  }

  begin(lane: Lane, mono: number): void {
    const before = this.lanes[laneCode(lane)];
    if (before === undefined || mono < before.untilMono) return;
    before.forMs = Math.min(LONGEST_MS[lane], Math.max(FIRST_MS, before.forMs * 2));
    before.untilMono = mono + before.forMs;
  }

  /** Something of the lane could be sent here. */
  sent(lane: Lane): void {
    const before = this.lanes[laneCode(lane)];
    if (before !== undefined) before.forMs = 0;
  }
}
