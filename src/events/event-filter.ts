import type { EventType } from '../domain/delivery-event.js';
import type { Lane } from '../domain/lane.js';
import type { RecipientStatus } from '../domain/recipient-status.js';
import type { StoredEvent } from './stored-event.js';

/**
 * Which events a reader wants; an absent list means any. The same filter is judged here for live
 * events and in EVENT_PAGE for stored ones: a test holds the two against each other.
 */
export interface EventFilter {
  readonly types?: readonly EventType[] | undefined;
  readonly statuses?: readonly RecipientStatus[] | undefined;
  readonly messageIds?: readonly string[] | undefined;
  /** Addresses as stored: local part as given, domain in lower-case A-labels. */
  readonly recipients?: readonly string[] | undefined;
  readonly lanes?: readonly Lane[] | undefined;
  /** Any of them. */
  readonly tags?: readonly string[] | undefined;
  /** Inclusive. */
  readonly since?: Date | undefined;
  /** Exclusive. */
  readonly until?: Date | undefined;
}

const lets = (wanted: readonly string[] | undefined, value: string | undefined): boolean =>
  wanted === undefined || (value !== undefined && wanted.includes(value));

/** True when the event passes the filter. */
export function passes(filter: EventFilter, event: StoredEvent): boolean {
  return (
    lets(filter.types, event.type) &&
    lets(filter.statuses, event.data.status) &&
    lets(filter.messageIds, event.messageId) &&
    lets(filter.recipients, event.address) &&
    lets(filter.lanes, event.lane) &&
    (filter.tags === undefined || filter.tags.some((tag) => event.tags.includes(tag))) &&
    (filter.since === undefined || event.at >= filter.since) &&
    (filter.until === undefined || event.at < filter.until)
  );
}
