import { Field, Int, ObjectType } from '@nestjs/graphql';
import { MailboxType, toMailbox } from './mailbox.type.js';
import type { KeptContent } from './message-content.repository.js';
import { HeaderType } from './message-detail.type.js';
import { restoreMailbox } from './stored-parts.js';

@ObjectType('Attachment', { description: 'A file that goes with a message.' })
export class AttachmentType {
  /** Where the bytes are found; not part of the API. */
  messageUuid: string;
  n: number;

  @Field(() => String, { description: 'Name the receiver sees.' })
  filename: string;

  @Field(() => String, { description: 'Media type, such as application/pdf.' })
  contentType: string;

  @Field(() => Int, { description: 'Size in bytes.' })
  size: number;

  @Field(() => String, { nullable: true, description: 'Content id without angle brackets, when it is shown inline.' })
  contentId: string | null;
}

@ObjectType('MessageContent', { description: 'What a message says, as long as it is kept.' })
export class MessageContentType {
  @Field(() => String, { nullable: true, description: 'The text as given; null when only HTML was given.' })
  text: string | null;

  @Field(() => String, { nullable: true, description: 'The HTML as given; null when only text was given.' })
  html: string | null;

  @Field(() => [MailboxType], { description: 'Where answers go, when not to the sender.' })
  replyTo: MailboxType[];

  @Field(() => [HeaderType], { description: 'Custom headers in the order given.' })
  headers: HeaderType[];

  @Field(() => [AttachmentType], { description: 'Attached files in the order given.' })
  attachments: AttachmentType[];
}

export function toMessageContent({ messageId, text, html, parts }: KeptContent): MessageContentType {
  return {
    text,
    html,
    replyTo: parts.replyTo.map((mailbox) => toMailbox(restoreMailbox(mailbox))),
    headers: parts.headers.map(([name, value]) => ({ name, value })),
    attachments: parts.attachments.map(({ filename, contentType, contentId, size }, n) => ({
      messageUuid: messageId,
      n,
      filename,
      contentType,
      size,
      contentId: contentId ?? null,
    })),
  };
}
