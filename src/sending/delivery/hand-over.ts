import { Injectable, Logger } from '@nestjs/common';
import type { ReasonClass } from '../../domain/bounce-class.js';
import { encodeRecipientKey } from '../../domain/recipient-key.js';
import { DkimSigner } from '../../identities/sign/dkim-signer.js';
import { SenderIdentities } from '../../identities/sign/sender-identities.js';
import type { Sender } from '../../identities/sign/verified-domains.js';
import type { DeliverableMessage } from '../../messages/message-content.repository.js';
import type { RenderedMessage } from '../render/render-message.js';
import type { Envelope, HandOverResult } from '../transports/transport.js';
import type { ReadyJob } from './job-loader.js';
import type { ProviderWay } from './way-finder.js';

const NON_ASCII = /\P{ASCII}/u;

/** Gives one recipient's mail to one provider: rendered, signed where we are the one who signs, in its envelope. */
@Injectable()
export class HandOver {
  private readonly logger = new Logger(HandOver.name);

  constructor(
    private readonly signer: DkimSigner,
    private readonly senders: SenderIdentities,
  ) {}

  async attempt(
    ready: ReadyJob,
    message: DeliverableMessage,
    way: ProviderWay,
    attempt: number,
  ): Promise<HandOverResult> {
    const rendered = this.render(ready);
    if (rendered === undefined) return notReady('OTHER', 'The message could not be rendered.');
    const raw = await this.signed(rendered.raw, senderOf(ready, message), way);
    if (!Buffer.isBuffer(raw)) return raw;
    const envelope = this.envelope(ready, message, rendered, attempt);
    return way.transport.handOver(envelope, { raw, composition: message.composition });
  }

  /**
   * Begins what takes longest, while the message still waits for its slot: a signature by RSA-2048 takes
   * a quarter of a millisecond, on another thread. It is the one that the hand-over then finds made.
   */
  async signAhead(ready: ReadyJob, message: DeliverableMessage, way: ProviderWay): Promise<void> {
    const sender = senderOf(ready, message);
    if (way.provider.signing === 'PROVIDER' || this.senders.signing(sender) === 'off') return;
    const rendered = this.render(ready);
    if (rendered !== undefined) await this.signer.sign(rendered.raw, sender);
  }

  private render(ready: ReadyJob): RenderedMessage | undefined {
    try {
      return ready.rendered();
    } catch (error) {
      const { messageId } = ready.job;
      this.logger.error({ msg: 'message could not be rendered', messageId, reason: kindOf(error) });
      return undefined;
    }
  }

  /** A message whose signature cannot be made does not leave without it. */
  private async signed(raw: Buffer, sender: Sender, way: ProviderWay): Promise<Buffer | HandOverResult> {
    if (way.provider.signing === 'PROVIDER') return raw;
    const signed = await this.signer.sign(raw, sender);
    if (signed.kind === 'fault') return notReady(signed.reason, signed.note);
    return signed.kind === 'signed' ? signed.raw : raw;
  }

  private envelope(ready: ReadyJob, message: DeliverableMessage, rendered: RenderedMessage, attempt: number): Envelope {
    const { job, address } = ready;
    const from = this.senders.envelopeSender(senderOf(ready, message)) ?? message.composition.from.address.value;
    return {
      from,
      to: address,
      smtpUtf8: rendered.smtpUtf8 || NON_ASCII.test(address) || NON_ASCII.test(from),
      envid: `${job.tenantId}.${job.messageId}.${job.n}.${attempt}`,
      lane: job.lane,
      recipientKey: encodeRecipientKey(job),
    };
  }
}

function senderOf({ job }: ReadyJob, { composition }: DeliverableMessage): Sender {
  return { tenantId: job.tenantId, domain: composition.from.address.domain };
}

/** Nothing was tried: the fault is ours, and no provider's. */
function notReady(reason: ReasonClass, note: string): HandOverResult {
  return { outcome: 'deferred', stage: 'CONNECT', reply: undefined, note, reason };
}

/** The kind of a fault only: its message could quote the mail. */
function kindOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown';
}
