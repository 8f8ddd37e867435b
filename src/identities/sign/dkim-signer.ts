import { Injectable, Logger } from '@nestjs/common';
import type { ReasonClass } from '../../domain/bounce-class.js';
import {
  type DigestedMessage,
  completeSignature,
  digestMessage,
  unsignedSignature,
} from '../../domain/dkim/dkim-signature.js';
import { Metrics } from '../../telemetry/metrics.js';
import { reasonOf } from '../../telemetry/reason-of.js';
import type { ActiveKeyRow } from './active-key.repository.js';
import { DkimKeyRing } from './dkim-key-ring.js';
import { signDkim } from './dkim-key-pair.js';
import { type Sender, VerifiedDomains } from './verified-domains.js';

/** `off`: the sender has no verified domain. After a `fault` the message must not leave. */
export type Signed =
  | { readonly kind: 'signed'; readonly raw: Buffer }
  | { readonly kind: 'off' }
  | { readonly kind: 'fault'; readonly reason: ReasonClass; readonly note: string };

const FAULT: Signed = {
  kind: 'fault',
  reason: 'AUTHENTICATION',
  note: 'No DKIM key of its domain can sign at present: see the log of the workers, and POSTERN_ENCRYPTION_KEY.',
};

/** Puts DKIM-Signature headers in front of messages; nothing else of them changes. */
@Injectable()
export class DkimSigner {
  private readonly logger = new Logger(DkimSigner.name);
  /** By the message itself: recipients of one claim share its octets, and so its signature. */
  private readonly signed = new WeakMap<Buffer, Promise<Signed>>();

  constructor(
    private readonly domains: VerifiedDomains,
    private readonly keys: DkimKeyRing,
    private readonly metrics: Metrics,
  ) {}

  /** Never rejects. */
  async sign(raw: Buffer, sender: Sender): Promise<Signed> {
    const known = this.signed.get(raw);
    if (known !== undefined) return known;
    const signing = this.signNow(raw, sender);
    this.signed.set(raw, signing);
    const result = await signing;
    if (result.kind !== 'signed') this.signed.delete(raw);
    if (result.kind === 'fault') this.metrics.unsignable.inc();
    return result;
  }

  private async signNow(raw: Buffer, sender: Sender): Promise<Signed> {
    const domain = this.domains.find(sender);
    if (domain === undefined || domain.keys.length === 0) return { kind: 'off' };
    try {
      const message = digestMessage(raw);
      const headers = await Promise.all(domain.keys.map((key) => this.header(message, domain.name, key)));
      // One key that signs is enough to verify; the other is told about in the log.
      const text = headers.filter((header) => header !== undefined).join('');
      return text === '' ? FAULT : { kind: 'signed', raw: Buffer.concat([Buffer.from(text, 'latin1'), raw]) };
    } catch (error) {
      this.logger.error({ msg: 'message not signed', reason: reasonOf(error) });
      return FAULT;
    }
  }

  private async header(message: DigestedMessage, domain: string, key: ActiveKeyRow): Promise<string | undefined> {
    const privateKey = await this.keys.open(key);
    if (privateKey === undefined) return undefined;
    const { selector, algorithm } = key;
    const unsigned = unsignedSignature(message, { domain, selector, algorithm, signedAt: new Date() });
    return completeSignature(unsigned, await signDkim(algorithm, unsigned.data, privateKey));
  }
}
