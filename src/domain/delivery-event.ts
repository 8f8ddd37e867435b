/**
 * The kinds of delivery event with the smallint stored for each (never renumbered). Every event
 * concerns one recipient of one message.
 */
export const EVENT_TYPE_CODES = {
  ACCEPTED: 0,
  RESCHEDULED: 1,
  RELEASED: 2,
  RESOLVED: 3,
  DEFERRED: 10,
  IN_DOUBT: 11,
  ATTEMPT_LOST: 12,
  QUARANTINED: 13,
  FALLBACK: 14,
  DELAYED: 15,
  HANDED_OFF: 20,
  DELIVERED: 21,
  BOUNCED: 30,
  REJECTED: 31,
  EXPIRED: 32,
  FAILED: 33,
  CANCELLED: 34,
  SUPPRESSED: 35,
  COMPLAINED: 40,
} as const;

export type EventType = keyof typeof EVENT_TYPE_CODES;

export const EVENT_TYPES = Object.keys(EVENT_TYPE_CODES) as EventType[];

const BY_CODE = new Map<number, EventType>(EVENT_TYPES.map((name) => [EVENT_TYPE_CODES[name], name]));

/** The smallint stored for an event type. */
export function eventTypeCode(type: EventType): number {
  return EVENT_TYPE_CODES[type];
}

/** The event type behind a stored smallint; throws on a number no release has ever written. */
export function eventTypeOf(code: number): EventType {
  const type = BY_CODE.get(code);
  if (type === undefined) throw new RangeError(`unknown event type code ${code}`);
  return type;
}

/** What an event may tell besides its type; stored as JSON, absent keys are left out. */
export interface EventData {
  /** The recipient's status after the event. */
  status?: string;
  /** Number of the attempt, from 1. */
  attempt?: number;
  /** Name of the provider that was spoken to. */
  provider?: string;
  /** Reason class of a deferral, bounce or failure (see domain/bounce-class.ts). */
  reason?: string;
  /** SMTP reply code, 200 to 599. */
  code?: number;
  /** Enhanced status code (RFC 3463), e.g. "5.1.1". */
  enhanced?: string;
  /** The reply's text, shortened to 500 characters. */
  text?: string;
  /** When the next attempt is due (ISO 8601). */
  nextAttemptAt?: string;
  /** Why, in words, where no reply explains it. */
  note?: string;
  /** When it happened by the clock of who told it (ISO 8601). */
  occurredAt?: string;
}
