import { Injectable } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { AcceptanceRepository, type Stored, keyName } from './acceptance.repository.js';
import { UNIQUE_VIOLATION, codeOf, faultOf } from './acceptance-fault.js';
import type { Outcome } from './group-commit.js';
import type { NewMessage } from './new-message.js';

/**
 * `stored`: written now, or (without `now`) by an earlier try of ours whose answer was lost.
 * `known`: the key belongs to an earlier message.
 */
export type Written =
  | { readonly kind: 'stored'; readonly now: Pick<Stored, 'acceptedAt' | 'snapshot'> | undefined }
  | { readonly kind: 'known'; readonly messageId: string; readonly same: boolean };

/** How long a lost connection is tried again before the caller is told that the outcome is unknown. */
const LOST_PATIENCE_MS = 3000;
const MOST_CONFLICTS = 10;

/** Writes messages and finds out what became of them, also when the connection is lost around the commit. */
@Injectable()
export class AcceptanceWriter {
  constructor(private readonly repository: AcceptanceRepository) {}

  /** Each message on its own merits: one that cannot be stored does not take its group along. */
  async write(messages: readonly NewMessage[]): Promise<Outcome<Written>[]> {
    if (messages.length === 0) return [];
    try {
      const written = await this.persist(messages, (open) => this.repository.store(open));
      return written.map((value) => ({ value }));
    } catch (error) {
      if (messages.length === 1 || faultOf(error) !== 'statement') return messages.map(() => ({ error }));
      return this.writeOneByOne(messages);
    }
  }

  /** All or none: not committed when one of them lost its key to an earlier message of other content. */
  async writeAll(messages: readonly NewMessage[]): Promise<{ written: Written[]; committed: boolean }> {
    let committed = true;
    if (messages.length === 0) return { written: [], committed };
    const written = await this.persist(messages, (open) =>
      this.repository.storeIf(open, (stored) => {
        committed = open.every((message) => !isConflict(outcomeOf(message, stored)));
        return committed;
      }),
    );
    return { written, committed };
  }

  /** What each message alone would fail with. */
  probe(messages: readonly NewMessage[]): Promise<unknown[]> {
    return this.repository.probe(messages);
  }

  private async writeOneByOne(messages: readonly NewMessage[]): Promise<Outcome<Written>[]> {
    const outcomes: Outcome<Written>[] = [];
    for (const message of messages) {
      const [outcome = { error: new Error('no outcome') }] = await this.write([message]);
      outcomes.push(outcome);
      if ('value' in outcome || faultOf(outcome.error) === 'statement') continue;
      // The database has gone: the others would wait in vain, one after the other.
      while (outcomes.length < messages.length) outcomes.push(outcome);
      break;
    }
    return outcomes;
  }

  /**
   * Tries until the outcome is known. Ids are the same in every try, so nothing can be stored twice:
   * a message with a key meets its own row there, one without meets its own primary key.
   */
  private async persist(
    messages: readonly NewMessage[],
    store: (open: readonly NewMessage[]) => Promise<Stored>,
  ): Promise<Written[]> {
    const until = performance.now() + LOST_PATIENCE_MS;
    let uncertain = false;
    for (let round = 0; ; round += 1) {
      try {
        const confirmed = uncertain ? await this.repository.confirm(messages) : new Set<string>();
        const open = messages.filter((message) => !confirmed.has(message.id));
        const stored = open.length === 0 ? undefined : await store(open);
        return messages.map((message) =>
          stored === undefined || confirmed.has(message.id) ? EARLIER : outcomeOf(message, stored),
        );
      } catch (error) {
        const fault = faultOf(error);
        if (fault === 'lost' && performance.now() < until) uncertain = true;
        else if (!mayTryAgain(error, uncertain) || round >= MOST_CONFLICTS) throw error;
        // Spread, so that the replicas do not come back in step.
        await delay(Math.min(20 * 2 ** round, 500) * (0.5 + Math.random()));
      }
    }
  }
}

const EARLIER: Written = { kind: 'stored', now: undefined };

function mayTryAgain(error: unknown, uncertain: boolean): boolean {
  return faultOf(error) === 'again' || (uncertain && codeOf(error) === UNIQUE_VIOLATION);
}

function outcomeOf(message: NewMessage, stored: Stored): Written {
  const key = message.draft.idempotencyKey;
  const holder = key === undefined ? undefined : stored.keys.get(keyName(message.tenantId, key));
  if (holder === undefined || holder.inserted) {
    return { kind: 'stored', now: stored };
  }
  if (holder.messageId === message.id) return EARLIER;
  const same = message.fingerprint !== undefined && holder.fingerprint.equals(message.fingerprint);
  return { kind: 'known', messageId: holder.messageId, same };
}

function isConflict(written: Written): boolean {
  return written.kind === 'known' && !written.same;
}
