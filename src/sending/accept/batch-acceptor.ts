import { Injectable } from '@nestjs/common';
import type { MessageDraft } from '../../domain/message-draft.js';
import type { Principal } from '../../domain/principal.js';
import { type UserError, userError } from '../../domain/user-error.js';
import { type Acceptance, refused } from './acceptance.js';
import { Metrics } from '../../telemetry/metrics.js';
import { faultOf } from './acceptance-fault.js';
import { AcceptanceWriter, type Written } from './acceptance-writer.js';
import { Acknowledger } from './acknowledger.js';
import { type PlannedMessage, planBatch } from './batch-plan.js';
import type { Outcome } from './group-commit.js';
import { newMessage, type NewMessage } from './new-message.js';
import { ProviderCheck } from './provider-check.js';
import { SenderCheck } from './sender-check.js';
import { refusalOf } from './refusal.js';

/** Takes many drafts of one caller into the ledger in one transaction. */
@Injectable()
export class BatchAcceptor {
  constructor(
    private readonly writer: AcceptanceWriter,
    private readonly acknowledger: Acknowledger,
    private readonly provider: ProviderCheck,
    private readonly sender: SenderCheck,
    private readonly metrics: Metrics,
  ) {}

  /** In order; each on its own merits, or with `atomic` all or none. */
  async accept(principal: Principal, drafts: readonly MessageDraft[], atomic: boolean): Promise<Acceptance[]> {
    const started = performance.now();
    const now = new Date();
    const plan = planBatch(drafts.map((draft) => newMessage(principal, draft, now)));
    const errors = plan.map(
      ({ message: { draft }, conflict }) =>
        conflict ?? this.provider.problemOf(principal, draft) ?? this.sender.problemOf(principal, draft),
    );
    if (atomic && errors.some((error) => error !== undefined)) return abort(errors);

    const open = plan.filter((one, i) => one.original === undefined && errors[i] === undefined);
    const messages = open.map(({ message }) => message);
    const outcomes = atomic ? await this.writeAll(messages) : await this.writer.write(messages);
    if ('refusals' in outcomes) return abort(spread(plan, messages, outcomes.refusals));
    const acceptances = await this.acknowledger.acknowledge(principal.tenantId, messages, outcomes);
    this.metrics.acceptDuration.observe((performance.now() - started) / 1000);

    const answers = spread(plan, messages, acceptances);
    return plan.map(({ original }, i) => {
      const error = errors[i];
      if (error !== undefined) return refused(error);
      const answer = answers[i] ?? refused();
      if (original === undefined || answer.kind === 'refused') return answer;
      return { kind: 'replayed', message: answer.message, cursor: answer.cursor };
    });
  }

  /** What was committed, or why nothing was: a refusal for each message that has one. */
  private async writeAll(
    messages: readonly NewMessage[],
  ): Promise<Outcome<Written>[] | { refusals: (UserError | undefined)[] }> {
    try {
      const { written, committed } = await this.writer.writeAll(messages);
      if (committed) return written.map((value) => ({ value }));
      return { refusals: written.map(conflictOf) };
    } catch (error) {
      if (faultOf(error) !== 'statement') return messages.map(() => ({ error }));
      const errors = await this.writer.probe(messages);
      // Each alone could be stored: then it was not about one of them.
      if (errors.every((one) => one === undefined)) return messages.map(() => ({ error }));
      return {
        refusals: errors.map((one, i) => (one === undefined ? undefined : refusalOf(one, messages[i]?.id ?? ''))),
      };
    }
  }
}

function conflictOf(written: Written): UserError | undefined {
  const conflict = written.kind === 'known' && !written.same;
  return conflict ? userError('IDEMPOTENCY_CONFLICT', ['idempotencyKey']) : undefined;
}

/** Answers for the messages that were written, back in the places of the batch. */
function spread<T>(
  plan: readonly PlannedMessage[],
  messages: readonly NewMessage[],
  answers: readonly T[],
): (T | undefined)[] {
  const byId = new Map(messages.map((message, i) => [message.id, answers[i]]));
  return plan.map(({ message, original }) => byId.get((original ?? message).id));
}

function abort(errors: readonly (UserError | undefined)[]): Acceptance[] {
  return errors.map((error) => refused(error ?? userError('BATCH_ABORTED', [])));
}
