import { Injectable } from '@nestjs/common';
import { Signals } from '../database/signals.js';
import type { Transaction } from '../database/transaction.js';
import { type EventData, eventTypeCode } from '../domain/delivery-event.js';
import { statusCode } from '../domain/recipient-status.js';
import { type MergedChange, mergeChanges } from './merge-changes.js';
import type { RecipientChange } from './recipient-change.js';
import { RECORD_CHANGES } from './record-changes.sql.js';

export type { RecipientChange } from './recipient-change.js';

/**
 * The one door through which a recipient's status changes: status, attempt and event are written
 * together or not at all.
 */
@Injectable()
export class EventRecorder {
  constructor(private readonly signals: Signals) {}

  /** Writes the news in the order given. Call announce() once the transaction is committed. */
  async record(tx: Transaction, changes: readonly RecipientChange[]): Promise<void> {
    for (const batch of mergeChanges(changes)) {
      await tx.query({ name: 'record_changes', text: RECORD_CHANGES, values: columns(batch) });
    }
  }

  /** Wakes the readers of the log, here and in other processes. After the commit, never before. */
  announce(): void {
    this.signals.publish('events');
  }
}

function columns(rows: readonly MergedChange[]): unknown[] {
  const column = <T>(pick: (row: MergedChange) => T | undefined): (T | null)[] => rows.map((row) => pick(row) ?? null);
  return [
    column((row) => row.change.tenantId),
    column((row) => row.change.messageId),
    column((row) => row.change.n),
    column((row) => eventTypeCode(row.change.event)),
    column((row) => eventData(row.change)),
    column((row) => (row.status === undefined ? undefined : statusCode(row.status))),
    column((row) => row.attempts),
    column((row) => row.change.reason),
    column((row) => row.change.smtpCode),
    column((row) => row.change.enhancedCode),
    column((row) => row.change.reply),
    column((row) => row.change.attempt?.attempt),
    column((row) => row.change.attempt?.outcome),
    column((row) => row.change.attempt?.provider),
    column((row) => row.change.attempt?.stage),
    column((row) => row.change.attempt?.startedAt),
    column((row) => row.change.attempt?.finishedAt),
    column((row) => row.change.attempt?.providerMessageId),
  ];
}

/** The event's own JSON; what was not told in `data` is taken from the change. */
function eventData(change: RecipientChange): string | undefined {
  const told: { [K in keyof EventData]: EventData[K] | undefined } = {
    status: change.status,
    attempt: change.attempt?.attempt ?? change.attempts,
    provider: change.attempt?.provider,
    reason: change.reason,
    code: change.smtpCode,
    enhanced: change.enhancedCode,
    text: change.reply?.slice(0, 500),
    ...change.data,
  };
  const text = JSON.stringify(told);
  return text === '{}' ? undefined : text;
}
