import type { EmailAddress } from '../domain/email-address.js';
import type { Attachment, Mailbox, MessageDraft } from '../domain/message-draft.js';

/** What is kept of a composition besides its bodies and the bytes of its attachments. */
export interface StoredParts {
  readonly from: StoredMailbox;
  readonly to: readonly StoredMailbox[];
  readonly cc: readonly StoredMailbox[];
  readonly replyTo: readonly StoredMailbox[];
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly attachments: readonly StoredAttachment[];
}

/** Address as it was authorised, and the name. */
type StoredMailbox = readonly [address: string, name: string | null];

interface StoredAttachment extends Pick<Attachment, 'filename' | 'contentType' | 'contentId'> {
  /** In bytes. */
  readonly size: number;
}

/** The text kept in message_content.parts. Blind recipients are no part of the composition. */
export function writeParts(draft: MessageDraft): string {
  const parts: StoredParts = {
    from: storeMailbox(draft.from),
    to: draft.to.map(storeMailbox),
    cc: draft.cc.map(storeMailbox),
    replyTo: draft.replyTo.map(storeMailbox),
    headers: draft.headers,
    attachments: draft.attachments.map(({ filename, contentType, contentId, content }) => ({
      filename,
      contentType,
      contentId,
      size: content.length,
    })),
  };
  return JSON.stringify(parts);
}

/** The parts behind a stored text. Only our own writing is ever read here. */
export function readParts(text: string): StoredParts {
  return JSON.parse(text) as StoredParts;
}

/** A mailbox as it was authorised. */
export function restoreMailbox([address, name]: StoredMailbox): Mailbox {
  return { address: restoreAddress(address), name: name ?? undefined };
}

/**
 * Not parsed a second time: what was authorised is what is sent. A domain has no @, so the last one
 * is where the parser split the address.
 */
function restoreAddress(value: string): EmailAddress {
  const at = value.lastIndexOf('@');
  const local = value.slice(0, at);
  return { local, domain: value.slice(at + 1), value, utf8Local: Buffer.byteLength(local) !== local.length };
}

function storeMailbox(mailbox: Mailbox): StoredMailbox {
  return [mailbox.address.value, mailbox.name ?? null];
}
