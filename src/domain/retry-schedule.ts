import type { Lane } from './lane.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Each attempt's delay varies by this much either way, so that a failed crowd does not return as one. */
const JITTER = 0.2;

/** The first steps, then the last one again and again for as long as the sum stays within the limit. */
function until(limit: number, first: readonly number[], last: number): readonly number[] {
  const spent = first.reduce((total, delay) => total + delay, 0);
  return [...first, ...Array.from({ length: Math.floor((limit - spent) / last) }, () => last)];
}

/**
 * What is waited after the first, second, … failed attempt; past the end the recipient is given up.
 * OTP: a greylisting host lets the mail in after 300 s at most, which the sixth retry is past even
 * with the least jitter (376 s), and with the most (564 s) it is before the default expiry of 600 s.
 * The other lanes try for 48 hours, the longest that a mail without expiry is worth its place; their
 * first steps grow with what a recipient is ready to wait.
 */
const DELAYS: Readonly<Record<Lane, readonly number[]>> = {
  OTP: [10 * SECOND, 20 * SECOND, 40 * SECOND, 80 * SECOND, 160 * SECOND, 160 * SECOND],
  TRANSACTIONAL: until(48 * HOUR, [MINUTE, 3 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR], 4 * HOUR),
  NOTIFICATION: until(48 * HOUR, [2 * MINUTE, 6 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR], 4 * HOUR),
  BULK: until(48 * HOUR, [5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR], 4 * HOUR),
};

/** How long a lane tries, in milliseconds: what waits longer, for whatever reason, is given up. */
export function laneLimitMs(lane: Lane): number {
  return DELAYS[lane].reduce((total, delay) => total + delay, 0) * (1 + JITTER);
}

/**
 * Milliseconds until the next attempt, or undefined when the lane's limit is reached. `attempt` is
 * the number, from 1, of the attempt that just failed; `random01` comes from the caller, 0 to 1.
 */
export function nextDelayMs(lane: Lane, attempt: number, random01: number): number | undefined {
  const delay = DELAYS[lane][attempt - 1];
  return delay === undefined ? undefined : Math.round(delay * (1 - JITTER + 2 * JITTER * random01));
}
