import { hash } from 'node:crypto';
import type { Mailbox, MessageDraft } from './message-draft.js';

/**
 * A digest of everything the message means, by which the repetition of a request is told from
 * another message under the same idempotency key. The key itself is left out.
 *
 * The order of recipients and headers counts, as it shows in the mail; that of tags and metadata
 * does not. sendAt counts as given, in the past as well, so that a repetition after that time is
 * one; an expiry that follows from the lane and the time of acceptance does not count at all.
 *
 * A digest is stored with each key: a change of this form makes repetitions of older requests
 * conflicts, so it has to raise VERSION and go through a release that knows both.
 */
const VERSION = 1;

/** SHA-256 over the canonical form, 32 bytes. */
export function fingerprint(draft: MessageDraft): Buffer {
  return hash('sha256', canonical(draft), 'buffer');
}

// One array of fixed order as JSON: no value can pose as another by containing a separator.
function canonical(draft: MessageDraft): string {
  return JSON.stringify([
    VERSION,
    mailbox(draft.from),
    draft.to.map(mailbox),
    draft.cc.map(mailbox),
    draft.bcc.map(mailbox),
    draft.replyTo.map(mailbox),
    draft.subject,
    draft.text ?? null,
    draft.html ?? null,
    draft.headers,
    draft.attachments.map((file) => [file.filename, file.contentType, file.contentId ?? null, digest(file.content)]),
    draft.tags.toSorted(),
    Object.entries(draft.metadata ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1)),
    draft.lane,
    draft.sendAt?.getTime() ?? null,
    draft.expiresByDefault === true ? null : (draft.expiresAt?.getTime() ?? null),
    draft.inDoubt,
    draft.hold,
  ]);
}

function mailbox({ address, name }: Mailbox): readonly (string | null)[] {
  return [address.value, name ?? null];
}

function digest(content: Buffer): string {
  return hash('sha256', content, 'base64');
}
