import { RECIPIENT_STATUSES } from './recipient-status.js';
import type { RecipientStatus } from './recipient-status.js';

/** The statuses of a message: those of its recipients, and PARTIAL where they ended differently. */
export const MESSAGE_STATUSES = [...RECIPIENT_STATUSES, 'PARTIAL'] as const;

export type MessageStatus = RecipientStatus | 'PARTIAL';

/**
 * As long as anything moves, what moves soonest; then what waits for somebody's decision. Only when
 * every recipient is settled does the message show how it ended.
 */
const OPEN = ['SENDING', 'QUEUED', 'DEFERRED', 'SCHEDULED', 'IN_DOUBT', 'HELD'] as const;

const TAKEN: ReadonlySet<RecipientStatus> = new Set(['HANDED_OFF', 'DELIVERED']);

/**
 * The roll-up of the recipients' statuses:
 * 1. the first of SENDING, QUEUED, DEFERRED, SCHEDULED, IN_DOUBT, HELD that any of them has;
 * 2. else, when all are the same, that one;
 * 3. else HANDED_OFF when all are HANDED_OFF or DELIVERED (the weaker promise);
 * 4. else PARTIAL when some are, and FAILED when none is.
 */
export function messageStatus(statuses: readonly RecipientStatus[]): MessageStatus {
  const present = new Set(statuses);
  const open = OPEN.find((status) => present.has(status));
  if (open !== undefined) return open;

  const [first, ...others] = present;
  if (first === undefined) throw new RangeError('a message has at least one recipient');
  if (others.length === 0) return first;

  const taken = [...present].filter((status) => TAKEN.has(status)).length;
  if (taken === present.size) return 'HANDED_OFF';
  return taken > 0 ? 'PARTIAL' : 'FAILED';
}
