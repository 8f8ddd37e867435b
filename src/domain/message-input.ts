import type { InDoubtPolicy } from './in-doubt-policy.js';
import type { Lane } from './lane.js';

type Optional<T> = T | null | undefined;

export interface MailboxInput {
  readonly address: string;
  readonly name?: Optional<string>;
}

export interface HeaderInput {
  readonly name: string;
  readonly value: string;
}

export interface AttachmentInput {
  readonly filename: string;
  readonly contentType?: Optional<string>;
  readonly contentId?: Optional<string>;
  readonly base64: string;
}

export interface MetadataEntryInput {
  readonly key: string;
  readonly value: string;
}

/** A message as a client writes it: plain values, nothing of it trusted yet. */
export interface MessageInput {
  readonly idempotencyKey?: Optional<string>;
  readonly from: MailboxInput;
  readonly to: readonly MailboxInput[];
  readonly cc?: Optional<readonly MailboxInput[]>;
  readonly bcc?: Optional<readonly MailboxInput[]>;
  readonly replyTo?: Optional<readonly MailboxInput[]>;
  readonly subject: string;
  readonly content: { readonly text?: Optional<string>; readonly html?: Optional<string> };
  readonly headers?: Optional<readonly HeaderInput[]>;
  readonly attachments?: Optional<readonly AttachmentInput[]>;
  readonly tags?: Optional<readonly string[]>;
  readonly metadata?: Optional<readonly MetadataEntryInput[]>;
  readonly lane?: Optional<Lane>;
  readonly sendAt?: Optional<Date>;
  readonly expiresAt?: Optional<Date>;
  readonly inDoubt?: Optional<InDoubtPolicy>;
  readonly hold?: Optional<boolean>;
}

/** The limits that configuration sets; the names are those of the configuration. */
export interface MessageLimits {
  /** to, cc and bcc together. */
  readonly maxRecipients: number;
  readonly maxSubjectChars: number;
  /** Of the text and of the HTML, each, in bytes of UTF-8. */
  readonly maxBodyBytes: number;
  readonly maxAttachments: number;
  /** Of one attachment after decoding. */
  readonly maxAttachmentBytes: number;
  /** Bodies and decoded attachments together. */
  readonly maxMessageBytes: number;
  readonly maxScheduleDays: number;
}
