import type { Composition, Mailbox } from '../../../domain/message-draft.js';
import { RECIPIENT_TAG } from '../../../domain/recipient-key.js';
import { withoutControls } from '../../render/encode-header.js';
import { textFromHtml } from '../../render/text-from-html.js';
import type { Envelope } from '../transport.js';

/** The body of POST /emails. */
export interface ResendEmail {
  readonly from: string;
  readonly to: readonly [string];
  readonly reply_to?: readonly string[];
  readonly subject: string;
  readonly html?: string;
  readonly text: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly attachments?: readonly ResendAttachment[];
  readonly tags: readonly { readonly name: string; readonly value: string }[];
}

interface ResendAttachment {
  readonly filename: string;
  readonly content: string;
  readonly content_type: string;
  readonly content_id?: string;
}

/** Fields of their own, or written by whoever transmits: a second one would contradict the first. */
const RESERVED =
  /^(?:from|sender|to|cc|bcc|reply-to|subject|date|message-id|mime-version|return-path|received|(?:resent|content|resend|x-resend)-.*)$/i;

/** Commands to Amazon SES, which carries Resend's mail. */
const COMMANDS = /^x-ses-/i;

/**
 * The mail as fields. A JSON interface has no envelope: whoever stands in `to`, `cc` or `bcc` gets a
 * copy, so the one recipient of this envelope stands there alone, and the others of the message are
 * not shown. The same for every attempt, as the idempotency key demands: nothing in it counts them.
 */
export function resendEmail({ to, recipientKey }: Pick<Envelope, 'to' | 'recipientKey'>, c: Composition): ResendEmail {
  const attachments = c.attachments.map(({ filename, contentType, contentId, content }) => ({
    filename,
    content: content.toString('base64'),
    content_type: contentType,
    ...(contentId === undefined ? {} : { content_id: contentId }),
  }));
  return {
    from: mailboxText(c.from),
    to: [to],
    ...(c.replyTo.length === 0 ? {} : { reply_to: c.replyTo.map(mailboxText) }),
    subject: withoutControls(c.subject),
    ...(c.html === undefined ? {} : { html: c.html }),
    // Where there is none Resend would make one of its own; an empty text keeps it from that.
    text: c.text ?? (c.html === undefined ? undefined : textFromHtml(c.html)) ?? '',
    headers: headersOf(c),
    ...(attachments.length === 0 ? {} : { attachments }),
    // Both come back in every event; the first is for whoever looks at their dashboard.
    tags: [
      { name: 'postern_id', value: c.correlationId },
      { name: RECIPIENT_TAG, value: recipientKey },
    ],
  };
}

function headersOf({ headers, correlationId }: Composition): Record<string, string> {
  const allowed = headers.filter(([name]) => !RESERVED.test(name) && !COMMANDS.test(name));
  return {
    ...Object.fromEntries(allowed.map(([name, value]) => [name, withoutControls(value)])),
    'X-Postern-Id': correlationId,
  };
}

/** Name <address>, the name quoted where it could be read as something else (RFC 5322 section 3.2.4). */
function mailboxText({ address, name }: Mailbox): string {
  const text = withoutControls(name ?? '');
  if (text === '') return address.value;
  const plain = /^[\p{L}\p{M}\p{N} '&_-]+$/u.test(text);
  return `${plain ? text : `"${text.replace(/["\\]/g, String.raw`\$&`)}"`} <${address.value}>`;
}
