import { type UserError, userError } from '../../domain/user-error.js';
import type { NewMessage } from './new-message.js';

/** One message of a batch and how it stands to those before it. */
export interface PlannedMessage {
  readonly message: NewMessage;
  /** The same message under the same key, earlier in the batch. */
  readonly original: NewMessage | undefined;
  readonly conflict: UserError | undefined;
}

/** Settles what a batch repeats within itself: a statement cannot write the same key twice. */
export function planBatch(messages: readonly NewMessage[]): PlannedMessage[] {
  const byKey = new Map<string, NewMessage>();
  return messages.map((message) => {
    const key = message.draft.idempotencyKey;
    const first = key === undefined ? undefined : byKey.get(key);
    if (key !== undefined && first === undefined) byKey.set(key, message);
    if (first === undefined) return { message, original: undefined, conflict: undefined };
    const same = message.fingerprint !== undefined && first.fingerprint?.equals(message.fingerprint) === true;
    const text = 'The same idempotency key stands earlier in the batch with another message.';
    return same
      ? { message, original: first, conflict: undefined }
      : { message, original: undefined, conflict: userError('IDEMPOTENCY_CONFLICT', ['idempotencyKey'], text) };
  });
}
