import { Injectable, Logger } from '@nestjs/common';
import { type EventCursor, decodeCursor } from '../domain/event-cursor.js';
import { unstorableText } from '../graphql/classify-fault.js';
import { PosternError, topError } from '../graphql/postern-error.js';
import type { EventFilter } from './event-filter.js';
import { EventHub } from './event-hub.js';
import { EventLogRepository } from './event-log.repository.js';
import { EventStreamReader, type StreamRequest } from './event-stream-reader.js';
import { beginning } from './replay.js';
import type { StreamItem } from './stream-item.js';

/** The place a client's cursor stands for; a text that is none of ours is refused. */
export function readCursor(after: string | null | undefined): EventCursor | undefined {
  if (after === null || after === undefined) return undefined;
  const cursor = decodeCursor(after);
  if (cursor === undefined) throw topError('BAD_REQUEST', 'after is not a cursor of the event log.');
  return cursor;
}

/**
 * Streams of events: stored ones first, then live, without gap or repetition at the seam. A stream
 * that ends before its time does so with an error that carries the cursor to resume from.
 */
@Injectable()
export class EventStreams {
  private readonly logger = new Logger(EventStreams.name);

  constructor(
    private readonly log: EventLogRepository,
    private readonly hub: EventHub,
  ) {}

  /** A tenant's events after the cursor; without one, from now on. */
  events(tenantId: string, after: string | null | undefined, filter: EventFilter): AsyncIterableIterator<StreamItem> {
    const cursor = readCursor(after);
    // One message has a topic of its own: the others' events then cost this subscriber nothing.
    const messageId = filter.messageIds?.length === 1 ? filter.messageIds[0] : undefined;
    return this.open({
      topic: { tenantId, messageId },
      filter,
      after: cursor,
      tellGap: true,
      untilSettled: false,
    });
  }

  /** One message's events after the cursor; without one, from its first. Completes when every recipient is settled. */
  async message(
    tenantId: string,
    messageId: string,
    after: string | null | undefined,
  ): Promise<AsyncIterableIterator<StreamItem>> {
    const cursor = readCursor(after);
    const recipients = await this.log.openRecipients(tenantId, messageId);
    if (recipients === undefined) throw topError('NOT_FOUND', 'There is no such message in your tenant.');
    return this.open({
      topic: { tenantId, messageId },
      filter: { messageIds: [messageId] },
      after: cursor ?? beginning(madeAt(messageId)),
      tellGap: cursor !== undefined,
      untilSettled: true,
    });
  }

  private open(request: StreamRequest): AsyncIterableIterator<StreamItem> {
    const leaving = new AbortController();
    const items = this.guarded(new EventStreamReader(this.log, this.hub, request, leaving.signal));
    return {
      next: () => items.next(),
      // A generator that waits for an event hears of its return only after that event: end the wait first.
      return: async () => {
        leaving.abort();
        return items.return(undefined);
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  private async *guarded(reader: EventStreamReader): AsyncGenerator<StreamItem, void, undefined> {
    try {
      yield* reader.items();
    } catch (error) {
      const meant = error instanceof PosternError ? error : unstorableText(error);
      if (meant !== undefined) throw meant;
      this.logger.error('a stream of events was broken off', error instanceof Error ? error.stack : String(error));
      const { cursor } = reader;
      throw topError('UNAVAILABLE', undefined, cursor === undefined ? {} : { cursor });
    }
  }
}

/** The time inside a UUIDv7, in milliseconds. */
function madeAt(uuid: string): number {
  return Number.parseInt(uuid.replaceAll('-', '').slice(0, 12), 16);
}
