import { Injectable } from '@nestjs/common';
import type { MessageDraft } from '../../domain/message-draft.js';
import type { Principal } from '../../domain/principal.js';
import { type Acceptance, refused } from './acceptance.js';
import { Metrics } from '../../telemetry/metrics.js';
import { AcceptanceWriter, type Written } from './acceptance-writer.js';
import { Acknowledger } from './acknowledger.js';
import { GroupCommit, type Outcome } from './group-commit.js';
import { type NewMessage, newMessage } from './new-message.js';
import { ProviderCheck } from './provider-check.js';
import { SenderCheck } from './sender-check.js';

/** 128 messages of 20 KB are 2.5 MB; large attachments must not add up to gigabytes. */
const GROUP = {
  maxItems: 128,
  maxSize: 8 * 1024 * 1024,
  maxInFlight: 2,
  maxWaiting: 10_000,
  // Longer than a lost connection is tried again.
  deadlineMs: 15_000,
} as const;

/**
 * Takes drafts into the ledger, exactly once: an acceptance follows the commit, and the loser of a
 * race for an idempotency key gets the winner's message. Messages of concurrent callers share commits.
 */
@Injectable()
export class MessageAcceptor {
  private readonly groups: GroupCommit<NewMessage, Written>;

  constructor(
    writer: AcceptanceWriter,
    private readonly acknowledger: Acknowledger,
    private readonly provider: ProviderCheck,
    private readonly sender: SenderCheck,
    private readonly metrics: Metrics,
  ) {
    this.groups = new GroupCommit({
      ...GROUP,
      write: (items) => writer.write(items),
      keyOf: ({ tenantId, draft }) => (draft.idempotencyKey ? `${tenantId}.${draft.idempotencyKey}` : undefined),
      sizeOf: (item) => item.size,
      onGroup: (items) => metrics.acceptGroupSize.observe(items),
    });
  }

  async accept(principal: Principal, draft: MessageDraft): Promise<Acceptance> {
    const problem = this.provider.problemOf(principal, draft) ?? this.sender.problemOf(principal, draft);
    if (problem !== undefined) return refused(problem);
    const started = performance.now();
    const message = newMessage(principal, draft, new Date());
    const outcome = await this.groups.submit(message).then(
      (value): Outcome<Written> => ({ value }),
      (error: unknown): Outcome<Written> => ({ error }),
    );
    const [acceptance = refused()] = await this.acknowledger.acknowledge(principal.tenantId, [message], [outcome]);
    this.metrics.acceptDuration.observe((performance.now() - started) / 1000);
    return acceptance;
  }
}
