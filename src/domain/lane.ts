/**
 * The four lanes a message can travel in. A lane has its own worker slots, so a backlog in one
 * never delays another. The position is the number stored in the database: append only.
 */
export const LANES = ['OTP', 'TRANSACTIONAL', 'NOTIFICATION', 'BULK'] as const;

export type Lane = (typeof LANES)[number];

/** The smallint stored for a lane. */
export function laneCode(lane: Lane): number {
  return LANES.indexOf(lane);
}

/** The lane behind a stored smallint; throws on a number no release has ever written. */
export function laneOf(code: number): Lane {
  const lane = LANES[code];
  if (lane === undefined) throw new RangeError(`unknown lane code ${code}`);
  return lane;
}
