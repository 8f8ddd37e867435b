import { Injectable } from '@nestjs/common';
import { Pools } from '../database/pools.js';
import { eventTypeCode } from '../domain/delivery-event.js';
import type { EventCursor } from '../domain/event-cursor.js';
import { laneCode } from '../domain/lane.js';
import { FIRST_SETTLED_CODE } from '../domain/recipient-status.js';
import { durableSnapshot } from './durable-snapshot.js';
import type { EventFilter } from './event-filter.js';
import { EVENT_PAGE, MESSAGE_EVENTS, NOW, TAIL_PAGE } from './event-page.sql.js';
import { type EventRow, type StoredEvent, toStoredEvent } from './stored-event.js';

/** A moment of the log: the snapshot that says what is visible, and the database's time of it. */
export interface LogMoment {
  readonly snapshot: string;
  readonly atMs: number;
}

/** Whose events a tail reads; undefined: everybody's. */
export interface TailInterest {
  readonly tenants: readonly string[];
  readonly messages: readonly string[];
}

export type LogPosition = Pick<EventCursor, 'base' | 'target' | 'tx' | 'id'>;

interface PageRequest {
  readonly tenantId: string;
  readonly filter: EventFilter;
  readonly position: LogPosition;
  /** Snapshot to read up to. */
  readonly target: string;
  readonly limit: number;
}

interface MomentRow {
  snapshot: string;
  last_tx: string | null;
  now_ms: number;
}

const toMoment = (row: MomentRow): LogMoment => ({
  snapshot: durableSnapshot(row.snapshot, row.last_tx),
  atMs: Math.floor(row.now_ms),
});

type TailRow = MomentRow & (EventRow | { [K in keyof EventRow]: null });

/** All reading of the event log. */
@Injectable()
export class EventLogRepository {
  constructor(private readonly pools: Pools) {}

  async now(): Promise<LogMoment> {
    const { rows } = await this.pools.main.query<MomentRow>(
      `select snapshot::text, last_tx::text, now_ms from (${NOW}) now`,
    );
    const [row] = rows;
    if (row === undefined) throw new Error('the database told no snapshot');
    return toMoment(row);
  }

  /**
   * Runs on the queue's connections: prepared while the log is empty, the statement would keep a
   * sequential scan for good; there the planner may not choose one.
   */
  async tailPage(
    position: LogPosition,
    interest: TailInterest | undefined,
    limit: number,
  ): Promise<LogMoment & { events: StoredEvent[] }> {
    const { rows } = await this.pools.queue.query<TailRow>({
      name: 'tail_page',
      text: TAIL_PAGE,
      values: [
        position.base,
        position.tx,
        position.id,
        position.target ?? null,
        interest?.tenants ?? null,
        interest?.messages ?? null,
        limit,
      ],
    });
    const [first] = rows;
    if (first === undefined) throw new Error('the database told no snapshot');
    const events = rows.flatMap((row) => (row.tx === null ? [] : [toStoredEvent(row)]));
    return { ...toMoment(first), events };
  }

  /** A page of a tenant's events after the position, oldest first. */
  async page({ tenantId, filter, position, target, limit }: PageRequest): Promise<StoredEvent[]> {
    const { rows } = await this.pools.main.query<EventRow>(EVENT_PAGE, [
      position.base,
      position.tx,
      position.id,
      target,
      tenantId,
      filter.types?.map(eventTypeCode) ?? null,
      filter.messageIds ?? null,
      filter.statuses ?? null,
      filter.recipients ?? null,
      filter.lanes?.map(laneCode) ?? null,
      filter.tags ?? null,
      filter.since ?? null,
      filter.until ?? null,
      limit,
    ]);
    return rows.map(toStoredEvent);
  }

  /** The first events of each of the messages, in the order they were recorded. */
  async ofMessages(tenantId: string, messageIds: readonly string[], limit: number): Promise<StoredEvent[]> {
    const { rows } = await this.pools.main.query<EventRow>(MESSAGE_EVENTS, [tenantId, messageIds, limit]);
    return rows.map(toStoredEvent);
  }

  /** Milliseconds since 1970 from which on the log is complete, by whoever dropped the rest; -Infinity: all is there. */
  async keptSince(): Promise<number> {
    const { rows } = await this.pools.main.query<{ kept: number }>(
      `select (extract(epoch from events_kept_since) * 1000)::float8 as kept from installation`,
    );
    return rows[0]?.kept ?? Number.NEGATIVE_INFINITY;
  }

  /** How many recipients a message has and how many of them are not settled; undefined: no such message. */
  async openRecipients(tenantId: string, messageId: string): Promise<{ total: number; open: number } | undefined> {
    const { rows } = await this.pools.main.query<{ total: number; open: number }>(
      `select count(*)::int as total, count(*) filter (where status < $3)::int as open
         from recipient where tenant_id = $1 and message_id = $2`,
      [tenantId, messageId, FIRST_SETTLED_CODE],
    );
    const [row] = rows;
    return row === undefined || row.total === 0 ? undefined : row;
  }
}
