const DAY_MS = 86_400_000;

/** As at acceptance: a clock a little behind. */
const PAST_TOLERANCE_MS = 300_000;

/** What is wrong with a new time of sending, or undefined. */
export function sendAtProblem(
  sendAt: Date,
  now: Date,
  expiresAt: Date | undefined,
  maxScheduleDays: number,
): string | undefined {
  const ahead = sendAt.getTime() - now.getTime();
  if (Number.isNaN(ahead)) return 'Give a time such as 2030-01-31T09:00:00Z.';
  if (ahead < -PAST_TOLERANCE_MS) return 'Give a time that is not in the past.';
  if (ahead > maxScheduleDays * DAY_MS) return `Give a time at most ${maxScheduleDays} days ahead.`;
  if (expiresAt !== undefined && sendAt >= expiresAt) return 'Give a time before the message expires.';
  return undefined;
}
