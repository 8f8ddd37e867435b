/**
 * Where one recipient of a message stands, with the smallint stored for it (never renumbered).
 *
 * Phase A (codes below 10) has a single writer, which holds a fenced lease. Phase B (10, 11, 20)
 * has many unordered sources (relay, provider callbacks, DSNs): there the highest code wins in any
 * order of arrival. The side doors (21 and above) are final.
 *
 * SENDING is never stored: a recipient is SENDING while its job carries a live lease.
 */
export const RECIPIENT_STATUS_CODES = {
  SCHEDULED: 0,
  QUEUED: 1,
  SENDING: 2,
  DEFERRED: 3,
  HELD: 4,
  IN_DOUBT: 5,
  HANDED_OFF: 10,
  DELIVERED: 11,
  BOUNCED: 20,
  REJECTED: 21,
  CANCELLED: 30,
  SUPPRESSED: 31,
  EXPIRED: 32,
  FAILED: 33,
} as const;

export type RecipientStatus = keyof typeof RECIPIENT_STATUS_CODES;

export const RECIPIENT_STATUSES = Object.keys(RECIPIENT_STATUS_CODES) as RecipientStatus[];

const BY_CODE = new Map<number, RecipientStatus>(
  RECIPIENT_STATUSES.map((name) => [RECIPIENT_STATUS_CODES[name], name]),
);

/** The smallint stored for a status. */
export function statusCode(status: RecipientStatus): number {
  return RECIPIENT_STATUS_CODES[status];
}

/** The status behind a stored smallint; throws on a number no release has ever written. */
export function statusOf(code: number): RecipientStatus {
  const status = BY_CODE.get(code);
  if (status === undefined) throw new RangeError(`unknown recipient status code ${code}`);
  return status;
}

/** First code that is settled: nothing more will be done by us unless an operator asks. */
export const FIRST_SETTLED_CODE = 10;

/** True once we have no further action planned for the recipient (later news may still arrive). */
export function isSettled(status: RecipientStatus): boolean {
  return statusCode(status) >= FIRST_SETTLED_CODE;
}
