import { Field, ObjectType } from '@nestjs/graphql';
import type { Mailbox } from '../domain/message-draft.js';

@ObjectType('Mailbox', { description: 'A person or system that mail comes from or goes to.' })
export class MailboxType {
  @Field(() => String, { description: 'The address as it goes on the wire, the domain in A-labels.' })
  address: string;

  @Field(() => String, { nullable: true, description: 'The display name.' })
  name: string | null;
}

export function toMailbox(mailbox: Mailbox): MailboxType {
  return { address: mailbox.address.value, name: mailbox.name ?? null };
}
