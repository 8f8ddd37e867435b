import { Injectable } from '@nestjs/common';
import { Signals } from '../../database/signals.js';
import type { EventCursor } from '../../domain/event-cursor.js';
import { userError } from '../../domain/user-error.js';
import type { MessageRow } from '../../messages/message.entity.js';
import { MessageRepository } from '../../messages/message.repository.js';
import { type Acceptance, refused } from './acceptance.js';
import { Metrics } from '../../telemetry/metrics.js';
import { AcceptanceRepository } from './acceptance.repository.js';
import type { Written } from './acceptance-writer.js';
import { acceptedMessage, acceptedRecipients } from './accepted-rows.js';
import type { Outcome } from './group-commit.js';
import type { NewMessage } from './new-message.js';
import { refusalOf } from './refusal.js';

/** A message that is in the ledger already, with the transaction that put it there. */
interface Earlier {
  readonly message: MessageRow;
  readonly tx: string | undefined;
}

/** Tells callers what became of their messages, and the workers and readers that there is news. */
@Injectable()
export class Acknowledger {
  constructor(
    private readonly repository: AcceptanceRepository,
    private readonly messages: MessageRepository,
    private readonly signals: Signals,
    private readonly metrics: Metrics,
  ) {}

  /** In order. Throws what no caller can mend, after the others have been announced. */
  async acknowledge(
    tenantId: string,
    messages: readonly NewMessage[],
    outcomes: readonly Outcome<Written>[],
  ): Promise<Acceptance[]> {
    this.announce(messages, outcomes);
    const earlier = await this.findEarlier(tenantId, messages, outcomes);
    return messages.map((message, i) =>
      this.answer(message, outcomes[i] ?? { error: new Error('no outcome') }, earlier),
    );
  }

  private announce(messages: readonly NewMessage[], outcomes: readonly Outcome<Written>[]): void {
    let stored = false;
    for (const [i, message] of messages.entries()) {
      const outcome = outcomes[i];
      if (outcome === undefined || 'error' in outcome) continue;
      if (outcome.value.kind === 'known') {
        if (outcome.value.same) this.metrics.messagesReplayed.inc();
        continue;
      }
      stored = true;
      this.metrics.messagesAccepted.inc({ lane: message.draft.lane, sandbox: String(message.sandbox) });
      if (message.status === 'QUEUED') this.signals.publish('jobs', message.draft.lane);
    }
    if (stored) this.signals.publish('events');
  }

  private async findEarlier(
    tenantId: string,
    messages: readonly NewMessage[],
    outcomes: readonly Outcome<Written>[],
  ): Promise<Map<string, Earlier>> {
    const ids = messages.flatMap((message, i) => {
      const outcome = outcomes[i];
      return outcome !== undefined && 'value' in outcome ? (earlierId(message, outcome.value) ?? []) : [];
    });
    if (ids.length === 0) return new Map();
    const [rows, transactions] = await Promise.all([
      this.messages.byIds(tenantId, ids),
      this.repository.firstTransactions(tenantId, ids),
    ]);
    return new Map(rows.map((message) => [message.id, { message, tx: transactions.get(message.id) }]));
  }

  private answer(message: NewMessage, outcome: Outcome<Written>, earlier: ReadonlyMap<string, Earlier>): Acceptance {
    if ('error' in outcome) return refused(refusalOf(outcome.error, message.id));
    const { value } = outcome;
    if (value.kind === 'known' && !value.same) return refused(userError('IDEMPOTENCY_CONFLICT', ['idempotencyKey']));
    if (value.kind === 'stored' && value.now !== undefined) {
      const { acceptedAt, snapshot } = value.now;
      return {
        kind: 'accepted',
        message: acceptedMessage(message, acceptedAt),
        recipients: acceptedRecipients(message, acceptedAt),
        cursor: cursorAt(snapshot, acceptedAt),
      };
    }
    const found = earlier.get(earlierId(message, value) ?? '');
    if (found === undefined) {
      // Its key outlived it.
      return refused(userError('NOT_FOUND', [], 'The message was accepted before, but it is no longer kept.'));
    }
    return {
      kind: value.kind === 'known' ? 'replayed' : 'recovered',
      message: found.message,
      cursor: cursorBefore(found),
    };
  }
}

/** The message that was there already, if any. */
function earlierId(message: NewMessage, written: Written): string | undefined {
  if (written.kind === 'known') return written.same ? written.messageId : undefined;
  return written.now === undefined ? message.id : undefined;
}

function cursorAt(base: string, at: Date): EventCursor {
  return { base, target: undefined, tx: '0', id: '0', atMs: at.getTime() };
}

/** Before the transaction that accepted the message: whoever repeats a request missed what came after it. */
function cursorBefore({ message, tx }: Earlier): EventCursor {
  // Events no longer kept: a reader is told of the gap by the time.
  const first = tx ?? '1';
  return cursorAt(`${first}:${first}:`, message.acceptedAt);
}
