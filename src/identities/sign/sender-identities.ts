import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import { type Sender, VerifiedDomains } from './verified-domains.js';

/** What the verified domains mean for a message: may it be sent, is it signed, where do bounces go. */
@Injectable()
export class SenderIdentities {
  constructor(
    private readonly domains: VerifiedDomains,
    @Inject(CONFIG) private readonly config: Pick<Config, 'fromPolicy' | 'returnPath' | 'returnPathHost'>,
  ) {}

  /** Whether live mail may be from there, by POSTERN_FROM_POLICY. */
  maySend(sender: Sender): boolean {
    const { fromPolicy } = this.config;
    if (fromPolicy === 'any') return true;
    if (fromPolicy === 'once-verified' && !this.domains.hasEverVerified(sender.tenantId)) {
      return !this.domains.isOfAnother(sender);
    }
    return this.domains.find(sender) !== undefined;
  }

  /** `on`: the mail must leave with our signature or not at all. */
  signing(sender: Sender): 'on' | 'off' {
    return (this.domains.find(sender)?.keys.length ?? 0) > 0 ? 'on' : 'off';
  }

  /** The envelope sender of live mail; undefined: the From address. */
  envelopeSender(sender: Sender): string | undefined {
    const { returnPath, returnPathHost } = this.config;
    if (returnPath !== undefined) return returnPath;
    const domain = returnPathHost === undefined ? undefined : this.domains.find(sender);
    return domain?.returnPathVerified === true ? `bounces@${domain.returnPath}` : undefined;
  }
}
