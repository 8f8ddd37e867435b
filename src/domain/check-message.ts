import { checkAttachments } from './check-attachments.js';
import { checkContent, checkSubject } from './check-content.js';
import { checkHeaders, checkIdempotencyKey, checkMetadata, checkTags } from './check-labels.js';
import { checkMailbox, checkRecipients, checkReplyTo } from './check-mailboxes.js';
import { checkTimes } from './check-times.js';
import type { Attachment, MessageDraft } from './message-draft.js';
import type { MessageInput, MessageLimits } from './message-input.js';
import { userError } from './user-error.js';
import type { UserError } from './user-error.js';

export type { MessageInput, MessageLimits } from './message-input.js';

/**
 * The message as it may be sent, or everything that is wrong with it at once. Paths are those of
 * the GraphQL input.
 *
 * A sendAt up to five minutes back is kept as given and means "at once": the same request repeated
 * later then still has the same fingerprint.
 */
export function checkMessage(
  input: MessageInput,
  limits: MessageLimits,
  now: Date,
): { draft: MessageDraft } | { errors: UserError[] } {
  const errors: UserError[] = [];
  const idempotencyKey = checkIdempotencyKey(input.idempotencyKey ?? undefined, errors);
  const from = checkMailbox(input.from, ['from'], errors);
  const recipients = checkRecipients(input, limits.maxRecipients, errors);
  const replyTo = checkReplyTo(input, errors);
  const subject = checkSubject(input.subject, limits, errors);
  const { bytes, ...content } = checkContent(input.content, limits, errors);
  const headers = checkHeaders(input.headers ?? [], errors);
  const attachments = checkAttachments(input.attachments ?? [], limits, errors);
  checkTotal(bytes, attachments, limits, errors);
  const tags = checkTags(input.tags ?? [], errors);
  const metadata = checkMetadata(input.metadata ?? [], errors);
  const choices = withDefaults(input);
  const times = checkTimes(input, choices.lane, { maxScheduleDays: limits.maxScheduleDays, now }, errors);

  if (errors.length > 0 || from === undefined) return { errors };
  return {
    draft: {
      idempotencyKey,
      from,
      ...recipients,
      replyTo,
      subject,
      ...content,
      headers,
      attachments,
      tags,
      metadata,
      ...times,
      ...choices,
    },
  };
}

function withDefaults(input: MessageInput): Pick<MessageDraft, 'lane' | 'inDoubt' | 'hold'> {
  return { lane: input.lane ?? 'TRANSACTIONAL', inDoubt: input.inDoubt ?? 'RESEND', hold: input.hold ?? false };
}

function checkTotal(
  bodies: number,
  attachments: readonly Attachment[],
  { maxMessageBytes }: MessageLimits,
  errors: UserError[],
): void {
  const bytes = attachments.reduce((sum, { content }) => sum + content.length, bodies);
  if (bytes <= maxMessageBytes) return;
  const path = attachments.length > 0 ? ['attachments'] : ['content', 'inline'];
  const message = `Give at most ${maxMessageBytes} bytes in bodies and attachments together; these are ${bytes}.`;
  errors.push(userError('TOO_LARGE', path, message));
}
