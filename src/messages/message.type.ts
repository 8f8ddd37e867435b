import { Field, ID, Int, ObjectType } from '@nestjs/graphql';
import { type InDoubtPolicy, IN_DOUBT_POLICIES } from '../domain/in-doubt-policy.js';
import { type Lane, laneOf } from '../domain/lane.js';
import { encodeId } from '../domain/opaque-id.js';
import { Connection, Edge } from '../graphql/connection.js';
import { DateTime } from '../graphql/date-time.scalar.js';
import { InDoubtPolicyEnum } from '../graphql/enums/in-doubt-policy.enum.js';
import { LaneEnum } from '../graphql/enums/lane.enum.js';
import { MailboxType } from './mailbox.type.js';
import { MetadataEntryType } from './message-detail.type.js';
import type { MessageRow } from './message.entity.js';
import { NodeType } from './node.type.js';

@ObjectType('Message', {
  description: 'A message as it was accepted, and what became of it.',
  implements: () => [NodeType],
})
export class MessageType implements NodeType {
  /** The UUID behind the id; not part of the API. */
  uuid: string;

  @Field(() => ID, { description: 'Opaque id of the message.' })
  id: string;

  @Field(() => LaneEnum, { description: 'The lane it travels in.' })
  lane: Lane;

  @Field(() => Boolean, { description: 'True when it was accepted with a test key: it never leaves the service.' })
  sandbox: boolean;

  @Field(() => MailboxType, { description: 'Who it is from.' })
  from: MailboxType;

  @Field(() => String, { description: 'Its subject.' })
  subject: string;

  @Field(() => [String], { description: 'Your tags, to find it by.' })
  tags: readonly string[];

  @Field(() => [MetadataEntryType], { description: 'Your own values; they are not sent.' })
  metadata: MetadataEntryType[];

  @Field(() => String, { nullable: true, description: 'The key under which repeating the request gives this message.' })
  idempotencyKey: string | null;

  @Field(() => String, {
    description: 'The Message-ID header without angle brackets, made at acceptance and the same in every attempt.',
  })
  messageIdHeader: string;

  @Field(() => InDoubtPolicyEnum, { description: 'What happens when nobody knows whether it was taken.' })
  inDoubt: InDoubtPolicy;

  @Field(() => Int, { description: 'Recipients: to, cc and bcc together.' })
  recipientCount: number;

  @Field(() => Int, { description: 'Bodies and attachments together, in bytes.' })
  sizeBytes: number;

  @Field(() => DateTime, { nullable: true, description: 'Not sent before this time.' })
  sendAt: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'Not sent after this time.' })
  expiresAt: Date | null;

  @Field(() => DateTime, { description: 'When it was stored durably.' })
  acceptedAt: Date;
}

@ObjectType('MessageEdge', { description: 'A message in a list.' })
class MessageEdge extends Edge(() => MessageType) {}

@ObjectType('MessageConnection', { description: 'A page of messages, newest first.' })
export class MessageConnection extends Connection(
  () => MessageType,
  () => MessageEdge,
) {}

export function toMessage(row: MessageRow): MessageType {
  return {
    uuid: row.id,
    id: encodeId('msg', row.id),
    lane: laneOf(row.lane),
    sandbox: row.sandbox,
    from: { address: row.fromAddress, name: row.fromName },
    subject: row.subject,
    tags: row.tags,
    metadata: Object.entries(row.metadata ?? {}).map(([key, value]) => ({ key, value })),
    idempotencyKey: row.idempotencyKey,
    messageIdHeader: row.messageIdHeader,
    inDoubt: IN_DOUBT_POLICIES[row.inDoubtPolicy] ?? 'HOLD',
    recipientCount: row.recipientCount,
    sizeBytes: row.sizeBytes,
    sendAt: row.sendAt,
    expiresAt: row.expiresAt,
    acceptedAt: row.acceptedAt,
  };
}
