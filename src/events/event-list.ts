import { Injectable } from '@nestjs/common';
import { type EventCursor, encodeCursor } from '../domain/event-cursor.js';
import type { EdgeOf } from '../graphql/connection.js';
import { topError } from '../graphql/postern-error.js';
import { DEFAULT_PAGE, MAX_PAGE } from '../graphql/page.args.js';
import { type EventConnection, type DeliveryEventType, toDeliveryEvent } from './delivery-event.type.js';
import type { EventFilter } from './event-filter.js';
import { EventLogRepository } from './event-log.repository.js';
import { readCursor } from './event-stream.js';
import { beginning, replay } from './replay.js';

interface PageRequest {
  readonly first: number | null | undefined;
  readonly after: string | null | undefined;
}

/** The size of a page of events; refused when out of bounds. */
export function pageSize(first: number | null | undefined, byDefault: number = DEFAULT_PAGE): number {
  const size = first ?? byDefault;
  if (size >= 1 && size <= MAX_PAGE) return size;
  throw topError('BAD_REQUEST', `first must be from 1 to ${MAX_PAGE}.`);
}

/** Pages through a tenant's events, oldest first, with the cursors the streams use. */
@Injectable()
export class EventList {
  constructor(private readonly log: EventLogRepository) {}

  async page(tenantId: string, filter: EventFilter, { first, after }: PageRequest): Promise<EventConnection> {
    const size = pageSize(first);
    const from: EventCursor = readCursor(after) ?? beginning(filter.since?.getTime() ?? 0);
    const edges: EdgeOf<DeliveryEventType>[] = [];
    let more = false;
    for await (const { event, position } of replay(
      this.log,
      { tenantId, filter },
      from,
      await this.log.now(),
      size + 1,
    )) {
      more = edges.length === size;
      if (more) break;
      edges.push({ cursor: encodeCursor(position), node: toDeliveryEvent(event) });
    }
    return {
      edges,
      nodes: edges.map((edge) => edge.node),
      pageInfo: {
        hasNextPage: more,
        hasPreviousPage: typeof after === 'string',
        startCursor: edges.at(0)?.cursor ?? null,
        endCursor: edges.at(-1)?.cursor ?? null,
      },
    };
  }
}
