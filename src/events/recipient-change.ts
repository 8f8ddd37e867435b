import type { AttemptOutcome } from '../domain/attempt-outcome.js';
import type { EventData, EventType } from '../domain/delivery-event.js';
import type { RecipientStatus } from '../domain/recipient-status.js';

/** One conversation about a recipient, as it is kept in the ledger. */
interface RecordedAttempt {
  /** From 1. */
  readonly attempt: number;
  readonly outcome: AttemptOutcome;
  readonly provider?: string | undefined;
  readonly stage?: string | undefined;
  /** The name the provider gave the mail. */
  readonly providerMessageId?: string | undefined;
  readonly startedAt: Date;
  readonly finishedAt: Date;
}

/** News about one recipient. */
export interface RecipientChange {
  readonly tenantId: string;
  readonly messageId: string;
  readonly n: number;
  readonly event: EventType;
  /** Where the recipient stands now; undefined: a fact that moves nothing. */
  readonly status?: RecipientStatus | undefined;
  /** Attempts made so far. */
  readonly attempts?: number | undefined;
  readonly reason?: string | undefined;
  readonly smtpCode?: number | undefined;
  readonly enhancedCode?: string | undefined;
  readonly reply?: string | undefined;
  /** What the event tells besides; what is known from the other fields need not be repeated. */
  readonly data?: EventData | undefined;
  readonly attempt?: RecordedAttempt | undefined;
}
