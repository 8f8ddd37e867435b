import { type EventData, type EventType, eventTypeOf } from '../domain/delivery-event.js';
import { type Lane, laneOf } from '../domain/lane.js';

/** An event as the log holds it, with what readers and filters need of its message and recipient. */
export interface StoredEvent {
  readonly tx: string;
  readonly id: string;
  readonly tenantId: string;
  readonly messageId: string;
  readonly n: number;
  readonly type: EventType;
  readonly at: Date;
  readonly data: EventData;
  /** Undefined once the recipient has been dropped or erased. */
  readonly address: string | undefined;
  readonly lane: Lane | undefined;
  readonly tags: readonly string[];
}

/** A row of the statements in event-page.sql.ts. */
export interface EventRow {
  tx: string;
  id: string;
  tenant_id: string;
  message_id: string;
  n: number;
  type: number;
  at: Date;
  data: EventData | null;
  address: string | null;
  lane: number | null;
  tags: string[] | null;
}

export function toStoredEvent(row: EventRow): StoredEvent {
  return {
    tx: row.tx,
    id: row.id,
    tenantId: row.tenant_id,
    messageId: row.message_id,
    n: row.n,
    type: eventTypeOf(row.type),
    at: row.at,
    data: row.data ?? {},
    address: row.address ?? undefined,
    lane: row.lane === null ? undefined : laneOf(row.lane),
    tags: row.tags ?? [],
  };
}
