import { checkMessage, type MessageInput, type MessageLimits } from '../../domain/check-message.js';
import type { MessageDraft } from '../../domain/message-draft.js';
import { type UserError, userError } from '../../domain/user-error.js';
import { validateInput } from '../../graphql/input-validator.js';
import { SendMessageInput } from './send-message.input.js';

/** The draft behind an input, or everything that is wrong with it. */
export type ReadMessage = { readonly draft: MessageDraft } | { readonly errors: readonly UserError[] };

/** @param headerKey the Idempotency-Key header, as far as it speaks of this message */
export function readMessage(
  input: SendMessageInput,
  headerKey: string | undefined,
  limits: MessageLimits,
  now: Date,
): ReadMessage {
  const errors = validateInput(SendMessageInput, input, []);
  if (errors.length > 0) return { errors };
  const ownKey = input.idempotencyKey ?? undefined;
  if (ownKey !== undefined && headerKey !== undefined && ownKey !== headerKey) {
    const text = 'The header Idempotency-Key is another one: give one of them, or both the same.';
    return { errors: [userError('INVALID_VALUE', ['idempotencyKey'], text)] };
  }
  return checkMessage(plain(input, ownKey ?? headerKey), limits, now);
}

/** The input as the domain knows it, whatever kinds of source GraphQL offers. */
function plain(input: SendMessageInput, idempotencyKey: string | undefined): MessageInput {
  const { content, attachments, ...rest } = input;
  return {
    ...rest,
    idempotencyKey,
    content: { text: content.inline?.text, html: content.inline?.html },
    attachments: attachments?.map(({ source, ...file }) => ({ ...file, base64: source.base64 ?? '' })),
  };
}
