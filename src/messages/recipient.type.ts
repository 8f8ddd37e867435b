import { Field, ID, Int, ObjectType } from '@nestjs/graphql';
import type { ReasonClass } from '../domain/bounce-class.js';
import { encodeRecipientId } from '../domain/opaque-id.js';
import { type RecipientStatus, statusOf } from '../domain/recipient-status.js';
import { DateTime } from '../graphql/date-time.scalar.js';
import { ReasonClassEnum } from '../graphql/enums/reason-class.enum.js';
import { RecipientStatusEnum } from '../graphql/enums/recipient-status.enum.js';
import { type RecipientKind, recipientKindOf } from './recipient-kind.js';
import { RecipientKindEnum } from './recipient-kind.enum.js';
import type { RecipientRow } from './recipient.entity.js';
import { WaitingForType, toWaitingFor } from './waiting-for.type.js';

@ObjectType('Recipient', { description: 'One recipient of a message: each has an outcome of its own.' })
export class RecipientType {
  /** The UUID of the message; not part of the API. */
  messageUuid: string;

  @Field(() => ID, { description: 'Opaque id of the recipient.' })
  id: string;

  @Field(() => Int, { description: 'Position among the recipients of the message, from 0: to, then cc, then bcc.' })
  n: number;

  @Field(() => RecipientKindEnum, { description: 'Where it stands in the message.' })
  kind: RecipientKind;

  @Field(() => String, { description: 'The address as it goes on the wire, the domain in A-labels.' })
  address: string;

  @Field(() => String, { nullable: true, description: 'The display name.' })
  name: string | null;

  @Field(() => RecipientStatusEnum, { description: 'Where it stands.' })
  status: RecipientStatus;

  @Field(() => Int, { description: 'Attempts made so far.' })
  attemptCount: number;

  @Field(() => ReasonClassEnum, { nullable: true, description: 'Why the last attempt did not succeed.' })
  reason: ReasonClass | null;

  @Field(() => Int, { nullable: true, description: 'SMTP code of the last reply.' })
  smtpCode: number | null;

  @Field(() => String, { nullable: true, description: 'Enhanced status code of the last reply (RFC 3463).' })
  enhancedCode: string | null;

  @Field(() => String, { nullable: true, description: 'Text of the last reply, at most 500 characters.' })
  reply: string | null;

  @Field(() => DateTime, {
    nullable: true,
    description: 'When the next attempt is due; null when none is planned or one is under way.',
  })
  nextAttemptAt: Date | null;

  @Field(() => WaitingForType, {
    nullable: true,
    description: 'Why it is not being handed over at the moment; null when it is, or is settled.',
  })
  waitingFor: WaitingForType | null;

  @Field(() => DateTime, { description: 'When its status changed last.' })
  updatedAt: Date;
}

export function toRecipient(row: RecipientRow): RecipientType {
  const { n, address, name, smtpCode, enhancedCode, reply, nextAttemptAt, updatedAt } = row;
  const status = statusOf(row.status);
  return {
    messageUuid: row.messageId,
    id: encodeRecipientId(row.messageId, n),
    n,
    kind: recipientKindOf(row.kind),
    address,
    name,
    status,
    attemptCount: row.attempts,
    // Written from this very union.
    reason: row.reason as ReasonClass | null,
    smtpCode,
    enhancedCode,
    reply,
    nextAttemptAt,
    waitingFor: toWaitingFor(row, status),
    updatedAt,
  };
}
