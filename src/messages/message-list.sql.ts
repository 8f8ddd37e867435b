import type { Lane } from '../domain/lane.js';
import { laneCode } from '../domain/lane.js';
import { type RecipientStatus, statusCode } from '../domain/recipient-status.js';
import { MESSAGE_COLUMNS } from './message.entity.js';
import { PRESENT_STATUS } from './recipient.entity.js';

/** What the messages of a list have in common; all given conditions apply. */
export interface MessageListFilter {
  readonly status?: RecipientStatus | undefined;
  readonly lane?: Lane | undefined;
  readonly tag?: string | undefined;
  /** As stored: the wire form. */
  readonly recipient?: string | undefined;
  readonly acceptedAfter?: Date | undefined;
  readonly acceptedBefore?: Date | undefined;
}

export interface MessageListPage {
  /** Newer than this id, exclusive. */
  readonly above?: string | undefined;
  /** Older than this id, exclusive. */
  readonly below?: string | undefined;
  readonly limit: number;
  /** From the other end: the oldest of the range, oldest first. */
  readonly oldestFirst: boolean;
}

/** Ids are made before the row is written and by another clock than the database's. */
const ID_TOLERANCE_MS = 3_600_000;

/**
 * Messages of a tenant by id, that is by time: every page is a range of the primary key, so that
 * months outside it are not touched and page 1,000 costs what page 1 does.
 */
export function messageList(
  tenantId: string,
  filter: MessageListFilter,
  page: MessageListPage,
): { text: string; values: unknown[] } {
  const values: unknown[] = [tenantId];
  const where = ['m.tenant_id = $1'];
  const and = (condition: (parameter: string) => string, value: unknown): void => {
    if (value === undefined) return;
    values.push(value);
    where.push(condition(`$${values.length}`));
  };
  and((p) => `m.id > ${p}`, page.above);
  and((p) => `m.id < ${p}`, page.below);
  and((p) => `m.lane = ${p}`, filter.lane && laneCode(filter.lane));
  // The second condition is the predicate of the index.
  and((p) => `m.tags @> array[${p}]::text[] and m.tags <> '{}'`, filter.tag);
  and((p) => `m.id >= ${p}`, filter.acceptedAfter && firstIdOf(filter.acceptedAfter, -ID_TOLERANCE_MS));
  and((p) => `m.accepted_at >= ${p}`, filter.acceptedAfter);
  and((p) => `m.id < ${p}`, filter.acceptedBefore && firstIdOf(filter.acceptedBefore, ID_TOLERANCE_MS));
  and((p) => `m.accepted_at < ${p}`, filter.acceptedBefore);
  and((p) => `m.id in (select message_id from recipient where tenant_id = $1 and address = ${p})`, filter.recipient);
  and((p) => hasRecipientIn(p), filter.status && statusCode(filter.status));
  values.push(page.limit);
  const text = `select ${MESSAGE_COLUMNS} from message m where ${where.join(' and ')}
    order by m.id ${page.oldestFirst ? 'asc' : 'desc'} limit $${values.length}`;
  return { text, values };
}

function hasRecipientIn(status: string): string {
  return `exists (
    select 1 from recipient r
      left join send_job j on j.tenant_id = r.tenant_id and j.message_id = r.message_id and j.n = r.n
     where r.tenant_id = m.tenant_id and r.message_id = m.id and ${PRESENT_STATUS} = ${status}::smallint)`;
}

/** The smallest UUIDv7 of a time, moved by some milliseconds. */
function firstIdOf(time: Date, byMs: number): string {
  const hex = Math.min(Math.max(time.getTime() + byMs, 0), 2 ** 48 - 1)
    .toString(16)
    .padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}
