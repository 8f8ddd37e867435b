import type { EmailAddress } from './email-address.js';
import type { InDoubtPolicy } from './in-doubt-policy.js';
import type { Lane } from './lane.js';

/** One person or system that mail comes from or goes to. */
export interface Mailbox {
  readonly address: EmailAddress;
  readonly name: string | undefined;
}

export interface Attachment {
  readonly filename: string;
  /** type/subtype, lower case, without parameters. */
  readonly contentType: string;
  /** Without angle brackets; present exactly when the attachment is inline. */
  readonly contentId: string | undefined;
  readonly content: Buffer;
}

/**
 * A message as it was authorised: every address parsed once into our own type, every header name
 * and value checked. Nothing behind this point parses an address again.
 */
export interface MessageDraft {
  readonly idempotencyKey: string | undefined;
  readonly from: Mailbox;
  readonly to: readonly Mailbox[];
  readonly cc: readonly Mailbox[];
  readonly bcc: readonly Mailbox[];
  readonly replyTo: readonly Mailbox[];
  readonly subject: string;
  readonly text: string | undefined;
  readonly html: string | undefined;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly attachments: readonly Attachment[];
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, string>> | undefined;
  readonly lane: Lane;
  readonly sendAt: Date | undefined;
  readonly expiresAt: Date | undefined;
  /** expiresAt was not asked for but follows from the lane and the time of acceptance. */
  readonly expiresByDefault?: boolean;
  readonly inDoubt: InDoubtPolicy;
  /** Accept, but do not send until released. */
  readonly hold: boolean;
}

/** What a renderer needs to write the message; the same for every recipient of it. */
export interface Composition extends Pick<
  MessageDraft,
  'from' | 'to' | 'cc' | 'replyTo' | 'subject' | 'text' | 'html' | 'headers' | 'attachments'
> {
  /** Made at acceptance and kept over retries, without angle brackets. */
  readonly messageIdHeader: string;
  readonly date: Date;
  /** Opaque id of the message, written as X-Postern-Id: some providers replace Message-ID. */
  readonly correlationId: string;
}
