import type { EventCursor } from '../domain/event-cursor.js';
import type { EventFilter } from './event-filter.js';
import type { EventLogRepository, LogMoment } from './event-log.repository.js';
import type { StoredEvent } from './stored-event.js';

/** Whose events, and which of them. */
export interface ReplayScope {
  readonly tenantId: string;
  readonly filter: EventFilter;
}

export interface ReplayedEvent {
  readonly event: StoredEvent;
  readonly position: EventCursor;
}

/** Before everything: no transaction is older than 1. */
export const beginning = (atMs: number): EventCursor => ({ base: '1:1:', target: undefined, tx: '0', id: '0', atMs });

/** Everything visible at the moment has been read. */
export const readUpTo = ({ snapshot, atMs }: LogMoment): EventCursor => ({
  base: snapshot,
  target: undefined,
  tx: '0',
  id: '0',
  atMs,
});

/**
 * The stored events between a cursor and a moment, a page at a time: first the rest of the batch the
 * cursor stands in, then everything from there to the moment.
 */
export async function* replay(
  log: EventLogRepository,
  scope: ReplayScope,
  from: EventCursor,
  until: LogMoment,
  pageSize: number,
): AsyncGenerator<ReplayedEvent, void, undefined> {
  let position = from;
  for (;;) {
    const target = position.target ?? until.snapshot;
    const events = target === position.base ? [] : await log.page({ ...scope, position, target, limit: pageSize });
    for (const event of events) {
      position = { base: position.base, target, tx: event.tx, id: event.id, atMs: event.at.getTime() };
      yield { event, position };
    }
    if (events.length === pageSize) continue;
    if (target === until.snapshot) return;
    position = { base: target, target: undefined, tx: '0', id: '0', atMs: position.atMs };
  }
}
