import type { Lane } from './lane.js';
import type { MessageInput } from './message-input.js';
import { userError } from './user-error.js';
import type { UserError } from './user-error.js';

interface Times {
  readonly sendAt: Date | undefined;
  readonly expiresAt: Date | undefined;
  readonly expiresByDefault: boolean;
}

interface Clock {
  readonly now: Date;
  readonly maxScheduleDays: number;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** A sendAt this far back is a clock a little behind or a repeated request: it is due at once. */
const PAST_TOLERANCE_MS = 5 * MINUTE;

/** A code is worthless later, and one that arrives late confuses. */
const OTP_LIFE_MS = 10 * MINUTE;

/** Beyond any use; it keeps years of five digits away from the database. */
const MAX_LIFE_DAYS = 366;

/** When to send and when to give up; problems are added to `errors`. */
export function checkTimes(
  input: Pick<MessageInput, 'sendAt' | 'expiresAt'>,
  lane: Lane,
  clock: Clock,
  errors: UserError[],
): Times {
  const sendAt = input.sendAt ?? undefined;
  const expiresAt = input.expiresAt ?? undefined;
  const sendAtProblem = sendAt && problemOfSendAt(sendAt, clock);
  if (sendAtProblem !== undefined) errors.push(userError('INVALID_TIME', ['sendAt'], sendAtProblem));

  // Never before now, lest a sendAt of the past bring the end of the life with it.
  const now = clock.now.getTime();
  const start = sendAt === undefined || sendAtProblem !== undefined ? now : Math.max(now, sendAt.getTime());
  const expiresAtProblem = expiresAt && problemOfExpiresAt(expiresAt, start, now);
  if (expiresAtProblem !== undefined) errors.push(userError('INVALID_TIME', ['expiresAt'], expiresAtProblem));

  const expiresByDefault = expiresAt === undefined && lane === 'OTP';
  return { sendAt, expiresAt: expiresByDefault ? new Date(start + OTP_LIFE_MS) : expiresAt, expiresByDefault };
}

function problemOfSendAt(sendAt: Date, { now, maxScheduleDays }: Clock): string | undefined {
  if (Number.isNaN(sendAt.getTime())) return 'Give a time such as 2030-01-31T09:00:00Z.';
  const ahead = sendAt.getTime() - now.getTime();
  if (ahead < -PAST_TOLERANCE_MS) return 'Give a time that is not in the past, or leave it out to send at once.';
  return ahead > maxScheduleDays * DAY ? `Give a time at most ${maxScheduleDays} days ahead.` : undefined;
}

function problemOfExpiresAt(expiresAt: Date, start: number, now: number): string | undefined {
  const end = expiresAt.getTime();
  if (Number.isNaN(end)) return 'Give a time such as 2030-01-31T09:00:00Z.';
  if (end <= now) return 'Give a time in the future.';
  if (end <= start) return 'Give a time after sendAt.';
  return end - start > MAX_LIFE_DAYS * DAY ? `Give a time at most ${MAX_LIFE_DAYS} days after sending.` : undefined;
}
