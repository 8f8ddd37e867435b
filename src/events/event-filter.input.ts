import { Field, ID, InputType } from '@nestjs/graphql';
import type { EventType } from '../domain/delivery-event.js';
import { parseEmailAddress } from '../domain/email-address.js';
import type { Lane } from '../domain/lane.js';
import { decodeId } from '../domain/opaque-id.js';
import type { RecipientStatus } from '../domain/recipient-status.js';
import { DateTime } from '../graphql/date-time.scalar.js';
import { EventTypeEnum } from '../graphql/enums/event-type.enum.js';
import { LaneEnum } from '../graphql/enums/lane.enum.js';
import { RecipientStatusEnum } from '../graphql/enums/recipient-status.enum.js';
import { topError } from '../graphql/postern-error.js';
import type { EventFilter } from './event-filter.js';

/** Each list is judged for every event. */
const MAX_ENTRIES = 50;

@InputType('EventFilter', {
  description: 'Which events are wanted: all conditions given apply, and of a list (at most 50 entries) any one.',
})
export class EventFilterInput {
  @Field(() => [EventTypeEnum], { nullable: true, description: 'Of one of these types.' })
  types?: EventType[] | null;

  @Field(() => [RecipientStatusEnum], { nullable: true, description: 'Bringing one of these statuses.' })
  statuses?: RecipientStatus[] | null;

  @Field(() => [ID], { nullable: true, description: 'About one of these messages.' })
  messageIds?: string[] | null;

  @Field(() => [String], { nullable: true, description: 'About one of these addresses.' })
  recipients?: string[] | null;

  @Field(() => [LaneEnum], { nullable: true, description: 'About a message in one of these lanes.' })
  lanes?: Lane[] | null;

  @Field(() => [String], { nullable: true, description: 'About a message that carries one of these tags.' })
  tags?: string[] | null;

  @Field(() => DateTime, { nullable: true, description: 'Recorded at this time or later.' })
  since?: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'Recorded before this time.' })
  until?: Date | null;
}

/** The filter as the log understands it; what can match nothing by its form is refused. */
export function toEventFilter(input: EventFilterInput | null | undefined): EventFilter {
  if (input === null || input === undefined) return {};
  for (const [name, value] of Object.entries(input)) {
    if (Array.isArray(value) && value.length > MAX_ENTRIES) {
      throw topError('BAD_REQUEST', `filter.${name} has more than ${MAX_ENTRIES} entries.`);
    }
  }
  return {
    types: input.types ?? undefined,
    statuses: input.statuses ?? undefined,
    messageIds: input.messageIds?.map(readMessageId),
    recipients: input.recipients?.map(readAddress),
    lanes: input.lanes ?? undefined,
    tags: input.tags ?? undefined,
    since: input.since ?? undefined,
    until: input.until ?? undefined,
  };
}

function readMessageId(id: string): string {
  const uuid = decodeId('msg', id);
  if (uuid === undefined) throw topError('BAD_REQUEST', 'filter.messageIds has an entry that is no id of a message.');
  return uuid;
}

/** In the form in which addresses are stored. */
function readAddress(text: string): string {
  const address = parseEmailAddress(text);
  if (address === undefined) {
    throw topError(
      'BAD_REQUEST',
      'filter.recipients has an entry that is not an e-mail address such as ada@example.com.',
    );
  }
  return address.value;
}
