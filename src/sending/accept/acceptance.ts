import type { EventCursor } from '../../domain/event-cursor.js';
import type { UserError } from '../../domain/user-error.js';
import type { MessageRow } from '../../messages/message.entity.js';
import type { RecipientRow } from '../../messages/recipient.entity.js';

interface Taken {
  readonly message: MessageRow;
  /** Lies before the message's first event. */
  readonly cursor: EventCursor;
}

/**
 * What became of a draft. `recovered`: accepted by this very request, found again after the
 * connection had been lost at the commit. `replayed`: by an earlier request with the same key.
 */
export type Acceptance =
  | (Taken & { readonly kind: 'accepted'; readonly recipients: readonly RecipientRow[] })
  | (Taken & { readonly kind: 'recovered' | 'replayed' })
  | { readonly kind: 'refused'; readonly errors: readonly UserError[] };

export const refused = (...errors: readonly UserError[]): Acceptance => ({ kind: 'refused', errors });
