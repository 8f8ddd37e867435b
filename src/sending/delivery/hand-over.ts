import { Inject, Injectable, Logger } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import type { DeliverableMessage } from '../../messages/message-content.repository.js';
import type { RenderedMessage } from '../render/render-message.js';
import type { Envelope, HandOverResult } from '../transports/transport.js';
import type { ClaimedJob } from './claimed-job.js';
import type { ReadyJob } from './job-loader.js';
import type { ProviderWay } from './way-finder.js';

const NON_ASCII = /\P{ASCII}/u;

/** Gives one recipient's mail to one provider. */
@Injectable()
export class HandOver {
  private readonly logger = new Logger(HandOver.name);

  constructor(@Inject(CONFIG) private readonly config: Pick<Config, 'returnPath'>) {}

  async attempt(
    ready: ReadyJob,
    message: DeliverableMessage,
    way: ProviderWay,
    attempt: number,
  ): Promise<HandOverResult> {
    let rendered: RenderedMessage;
    try {
      rendered = ready.rendered();
    } catch (error) {
      this.logger.error({
        msg: 'message could not be rendered',
        messageId: ready.job.messageId,
        reason: kindOf(error),
      });
      return {
        outcome: 'deferred',
        stage: 'CONNECT',
        reply: undefined,
        note: 'The message could not be rendered.',
        reason: 'OTHER',
      };
    }
    const envelope = this.envelope({ ...ready.job, attempt }, ready.address, message, rendered);
    return way.transport.handOver(envelope, { raw: rendered.raw, composition: message.composition });
  }

  private envelope(job: ClaimedJob, address: string, message: DeliverableMessage, rendered: RenderedMessage): Envelope {
    const from = this.config.returnPath ?? message.composition.from.address.value;
    return {
      from,
      to: address,
      smtpUtf8: rendered.smtpUtf8 || NON_ASCII.test(address) || NON_ASCII.test(from),
      envid: `${job.tenantId}.${job.messageId}.${job.n}.${job.attempt}`,
      lane: job.lane,
      idempotencyKey: `${job.tenantId}.${job.messageId}.${job.n}`,
    };
  }
}

/** The kind of a fault only: its message could quote the mail. */
function kindOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown';
}
