import { hash } from 'node:crypto';
import { Field, ID, Int, ObjectType } from '@nestjs/graphql';
import { REASON_CLASSES, type ReasonClass } from '../domain/bounce-class.js';
import type { EventType } from '../domain/delivery-event.js';
import { encodeId, encodeRecipientId } from '../domain/opaque-id.js';
import { RECIPIENT_STATUS_CODES, type RecipientStatus } from '../domain/recipient-status.js';
import { Connection, Edge } from '../graphql/connection.js';
import { DateTime } from '../graphql/date-time.scalar.js';
import { EventTypeEnum } from '../graphql/enums/event-type.enum.js';
import { ReasonClassEnum } from '../graphql/enums/reason-class.enum.js';
import { RecipientStatusEnum } from '../graphql/enums/recipient-status.enum.js';
import type { StoredEvent } from './stored-event.js';

@ObjectType('DeliveryEvent', { description: 'Something that happened to one recipient of a message. Never changes.' })
export class DeliveryEventType {
  /** The UUID of the message; not part of the API. */
  messageUuid: string;

  @Field(() => ID, { description: 'Opaque and stable: the same event has the same id wherever it is read.' })
  id: string;

  @Field(() => EventTypeEnum, { description: 'What happened.' })
  type: EventType;

  @Field(() => DateTime, { description: 'When it was recorded, by the clock of the database.' })
  at: Date;

  @Field(() => ID, { description: 'The message it is about.' })
  messageId: string;

  @Field(() => ID, { description: 'The recipient it is about.' })
  recipientId: string;

  @Field(() => String, {
    nullable: true,
    description: 'The recipient’s address; null once it is no longer kept.',
  })
  address: string | null;

  @Field(() => RecipientStatusEnum, {
    nullable: true,
    description:
      'The status the event brings; null for a fact that changes none. News that comes late does not lower a status: the recipient’s own says where it stands.',
  })
  status: RecipientStatus | null;

  @Field(() => Int, { nullable: true, description: 'Number of the attempt it is about, from 1.' })
  attempt: number | null;

  @Field(() => String, { nullable: true, description: 'The provider that was spoken to.' })
  provider: string | null;

  @Field(() => ReasonClassEnum, { nullable: true, description: 'Why it was put off or refused.' })
  reason: ReasonClass | null;

  @Field(() => Int, { nullable: true, description: 'SMTP code of the reply.' })
  code: number | null;

  @Field(() => String, { nullable: true, description: 'Enhanced status code of the reply (RFC 3463).' })
  enhancedCode: string | null;

  @Field(() => String, { nullable: true, description: 'Text of the reply, at most 500 characters.' })
  text: string | null;

  @Field(() => String, { nullable: true, description: 'What happened in words, where no reply tells it.' })
  note: string | null;

  @Field(() => DateTime, { nullable: true, description: 'When the next attempt is due.' })
  nextAttemptAt: Date | null;

  @Field(() => DateTime, {
    nullable: true,
    description: 'When it happened, by the clock of the provider that told it; null for what the service did itself.',
  })
  occurredAt: Date | null;
}

@ObjectType('EventEdge', { description: 'An event with its place in the log.' })
export class EventEdge extends Edge(() => DeliveryEventType) {}

@ObjectType('EventConnection', { description: 'A page of events, oldest first.' })
export class EventConnection extends Connection(
  () => DeliveryEventType,
  () => EventEdge,
) {}

/** Made once for all subscribers that are given the event. */
const made = new WeakMap<StoredEvent, DeliveryEventType>();

export function toDeliveryEvent(event: StoredEvent): DeliveryEventType {
  let type = made.get(event);
  if (type === undefined) {
    type = describeEvent(event);
    made.set(event, type);
  }
  return type;
}

function describeEvent({ id, tenantId, messageId, n, type, at, address, data }: StoredEvent): DeliveryEventType {
  return {
    messageUuid: messageId,
    // The number itself would tell how much mail the whole service handles.
    id: `evt_${hash('sha256', `${tenantId}|${id}`, 'hex').slice(0, 32)}`,
    type,
    at,
    messageId: encodeId('msg', messageId),
    recipientId: encodeRecipientId(messageId, n),
    address: address ?? null,
    status: isOf(RECIPIENT_STATUS_CODES, data.status) ? data.status : null,
    attempt: data.attempt ?? null,
    provider: data.provider ?? null,
    reason: isOf(REASON_CLASSES, data.reason) ? data.reason : null,
    code: data.code ?? null,
    enhancedCode: data.enhanced ?? null,
    text: data.text ?? null,
    note: data.note ?? null,
    nextAttemptAt: data.nextAttemptAt === undefined ? null : new Date(data.nextAttemptAt),
    occurredAt: data.occurredAt === undefined ? null : new Date(data.occurredAt),
  };
}

function isOf<K extends string>(table: Readonly<Record<K, unknown>>, name: string | undefined): name is K {
  return name !== undefined && Object.hasOwn(table, name);
}
