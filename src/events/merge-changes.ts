import { type RecipientStatus, isSettled, statusCode } from '../domain/recipient-status.js';
import type { RecipientChange } from './recipient-change.js';

/** A change with what its row writes to the recipient: at most one row of a recipient carries it. */
export interface MergedChange {
  readonly change: RecipientChange;
  status: RecipientStatus | undefined;
  attempts: number | undefined;
}

/** The statuses that news after the hand-over can bring, in ascending order. */
const LATE: readonly RecipientStatus[] = ['HANDED_OFF', 'DELIVERED', 'BOUNCED'];

const isLate = (status: RecipientStatus): boolean => LATE.includes(status);

/**
 * Prepares changes for one statement each: of several changes to one recipient the one that would
 * stand at the end, had they come one by one, keeps its status. That can be told without knowing the
 * recipient's present status, except when a side door (REJECTED, FAILED, ...) is followed by late
 * news of the same recipient: those go into the next batch.
 */
export function mergeChanges(changes: readonly RecipientChange[]): MergedChange[][] {
  const batches: MergedChange[][] = [];
  let batch: MergedChange[] = [];
  let carriers = new Map<string, MergedChange>();
  for (const change of changes) {
    const key = `${change.tenantId}.${change.messageId}.${change.n}`;
    let carrier = carriers.get(key);
    const before = carrier?.status;
    if (before !== undefined && change.status !== undefined && isSettled(before) && !isLate(before)) {
      batches.push(batch);
      batch = [];
      carriers = new Map();
      carrier = undefined;
    }
    const row: MergedChange = { change, status: change.status, attempts: change.attempts };
    batch.push(row);
    carriers.set(key, carrier === undefined ? row : merge(carrier, row));
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}

/** Leaves what both rows write to the recipient on one of them and returns that one. */
function merge(earlier: MergedChange, later: MergedChange): MergedChange {
  const winner = later.status !== undefined && overrules(later.status, earlier.status) ? later : earlier;
  const loser = winner === later ? earlier : later;
  if (earlier.attempts !== undefined || later.attempts !== undefined) {
    winner.attempts = Math.max(earlier.attempts ?? 0, later.attempts ?? 0);
  }
  loser.status = undefined;
  loser.attempts = undefined;
  return winner;
}

function overrules(later: RecipientStatus, earlier: RecipientStatus | undefined): boolean {
  if (earlier === undefined || !isSettled(earlier)) return true;
  return isLate(later) && statusCode(later) > statusCode(earlier);
}
