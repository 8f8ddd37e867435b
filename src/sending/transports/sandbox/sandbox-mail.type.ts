import { Field, ID, Int, ObjectType } from '@nestjs/graphql';
import { encodeId, encodeRecipientId } from '../../../domain/opaque-id.js';
import { DateTime } from '../../../graphql/date-time.scalar.js';
import { readSubject } from './read-subject.js';
import type { SandboxMailRow } from './sandbox-mail.repository.js';

@ObjectType('SandboxMail', { description: 'A mail the sandbox caught: as it would have arrived.' })
export class SandboxMailType {
  @Field(() => ID, { description: 'Opaque id of the caught mail.' })
  id: string;

  @Field(() => ID, { description: 'The message it was sent as.' })
  messageId: string;

  @Field(() => ID, { description: 'The recipient it was sent to.' })
  recipientId: string;

  @Field(() => String, { description: 'Sender of the envelope; empty for the null sender.' })
  envelopeFrom: string;

  @Field(() => String, { description: 'Recipient of the envelope.' })
  envelopeTo: string;

  @Field(() => DateTime, { description: 'When the sandbox took it.' })
  receivedAt: Date;

  @Field(() => String, { description: 'The subject, decoded; empty when there is none.' })
  subject: string;

  @Field(() => Int, { description: 'Size in bytes.' })
  size: number;

  /** The row's own id, for the fields that are loaded on demand. */
  uuid: string;
}

export function toSandboxMail(row: SandboxMailRow): SandboxMailType {
  return {
    id: encodeId('mail', row.id),
    messageId: encodeId('msg', row.messageId),
    recipientId: encodeRecipientId(row.messageId, row.n),
    envelopeFrom: row.envelopeFrom,
    envelopeTo: row.envelopeTo,
    receivedAt: row.receivedAt,
    subject: readSubject(row.head),
    size: row.size,
    uuid: row.id,
  };
}
