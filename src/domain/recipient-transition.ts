import { FIRST_SETTLED_CODE, statusCode } from './recipient-status.js';
import type { RecipientStatus } from './recipient-status.js';

/** Ends without an attempt, or with none that counted; HELD can be released. */
const BLOCKED = ['HELD', 'SUPPRESSED', 'EXPIRED', 'FAILED'] as const;

/**
 * Where a recipient can go from each status, as readers see it: SENDING is not stored, so a stored
 * status goes from waiting to the outcome in one step. Up to IN_DOUBT this is the work of whoever
 * holds the lease; from HANDED_OFF on, of news that come from anywhere in any order. A status
 * without a way out is final.
 */
const NEXT: Readonly<Record<RecipientStatus, readonly RecipientStatus[]>> = {
  SCHEDULED: ['QUEUED', 'SENDING', 'CANCELLED', ...BLOCKED],
  QUEUED: ['SCHEDULED', 'SENDING', 'CANCELLED', ...BLOCKED],
  // Back to QUEUED when a worker lets go of its lease without having tried.
  SENDING: ['QUEUED', 'DEFERRED', 'IN_DOUBT', 'HANDED_OFF', 'DELIVERED', 'BOUNCED', 'REJECTED', ...BLOCKED],
  DEFERRED: ['SCHEDULED', 'QUEUED', 'SENDING', 'CANCELLED', ...BLOCKED],
  HELD: ['SCHEDULED', 'QUEUED', 'CANCELLED', 'SUPPRESSED', 'EXPIRED', 'FAILED'],
  // Resolved by the policy or an operator, or by the provider's own news.
  IN_DOUBT: ['QUEUED', 'SENDING', 'HANDED_OFF', 'DELIVERED', 'BOUNCED', 'EXPIRED', 'FAILED'],
  HANDED_OFF: ['DELIVERED', 'BOUNCED'],
  DELIVERED: ['BOUNCED'],
  BOUNCED: [],
  REJECTED: [],
  CANCELLED: [],
  SUPPRESSED: [],
  EXPIRED: [],
  FAILED: [],
};

/** True when a recipient can go from the one status to the other in one step. */
export function canBecome(from: RecipientStatus, to: RecipientStatus): boolean {
  return NEXT[from].includes(to);
}

/**
 * The status after news. Before hand-over the single writer's word counts. After it the higher of
 * HANDED_OFF < DELIVERED < BOUNCED wins, in any order of arrival and however often the news come;
 * everything else is late and changes nothing. The same rule in SQL guards the stored status.
 */
export function joinStatus(current: RecipientStatus, news: RecipientStatus): RecipientStatus {
  if (statusCode(current) < FIRST_SETTLED_CODE) return news;
  return canBecome(current, news) ? news : current;
}
