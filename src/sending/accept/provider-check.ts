import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import type { MessageDraft } from '../../domain/message-draft.js';
import type { Principal } from '../../domain/principal.js';
import { type UserError, userError } from '../../domain/user-error.js';
import { MAGIC_DOMAIN } from '../transports/sandbox/magic-addresses.js';

/** Refuses what could only wait for ever: live mail without a relay to send it through. */
@Injectable()
export class ProviderCheck {
  constructor(@Inject(CONFIG) private readonly config: Pick<Config, 'smtpUrl'>) {}

  problemOf(principal: Principal, { to, cc, bcc }: MessageDraft): UserError | undefined {
    if (principal.mode === 'TEST' || this.config.smtpUrl !== undefined) return undefined;
    // Mail to the magic domain stays in the sandbox, whoever sends it.
    const leaves = [to, cc, bcc].some((list) => list.some(({ address }) => address.domain !== MAGIC_DOMAIN));
    return leaves ? userError('PROVIDER_NOT_CONFIGURED', []) : undefined;
  }
}
