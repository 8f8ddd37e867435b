import { Field, ObjectType, createUnionType } from '@nestjs/graphql';
import { Cursor } from '../graphql/cursor.scalar.js';
import { DateTime } from '../graphql/date-time.scalar.js';
import { EventEdge, toDeliveryEvent } from './delivery-event.type.js';
import type { StreamItem } from './stream-item.js';

@ObjectType('StreamCaughtUp', {
  description: 'Every stored event has been told; what follows is live. Comes once in a stream.',
})
export class StreamCaughtUp {
  @Field(() => Cursor, { description: 'The place in the log that has been reached.' })
  cursor: string;
}

@ObjectType('StreamGap', {
  description:
    'Events after the given cursor were dropped by an operator, so that some may be missing here; the service itself keeps them all. The stream goes on with what is left.',
})
export class StreamGap {
  @Field(() => DateTime, { description: 'From this time on the log is complete.' })
  keptSince: Date;

  @Field(() => Cursor, { description: 'The place before the first event that is kept.' })
  resumeAfter: string;
}

export const EventStreamItem = createUnionType({
  name: 'EventStreamItem',
  description: 'What a stream of events tells: an event, that it has caught up, or that events may be missing.',
  types: () => [EventEdge, StreamCaughtUp, StreamGap] as const,
  resolveType: (value: EventEdge | StreamCaughtUp | StreamGap) => {
    if ('node' in value) return EventEdge;
    return 'keptSince' in value ? StreamGap : StreamCaughtUp;
  },
});

export function toEventStreamItem(item: StreamItem): typeof EventStreamItem {
  switch (item.kind) {
    case 'event':
      return { cursor: item.cursor, node: toDeliveryEvent(item.event) };
    case 'caughtUp':
      return { cursor: item.cursor };
    case 'gap':
      return { keptSince: item.keptSince, resumeAfter: item.resumeAfter };
  }
}
