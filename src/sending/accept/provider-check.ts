import { Injectable } from '@nestjs/common';
import type { EmailAddress } from '../../domain/email-address.js';
import type { MessageDraft } from '../../domain/message-draft.js';
import type { Principal } from '../../domain/principal.js';
import { type UserError, userError } from '../../domain/user-error.js';
import { ProviderDirectory } from '../providers/provider-directory.js';
import { MAGIC_DOMAIN } from '../transports/sandbox/magic-addresses.js';

/** Refuses what could only wait for ever: live mail to somebody no route leads to. */
@Injectable()
export class ProviderCheck {
  constructor(private readonly directory: ProviderDirectory) {}

  problemOf(principal: Principal, draft: MessageDraft): UserError | undefined {
    if (principal.mode === 'TEST') return undefined;
    for (const list of ['to', 'cc', 'bcc'] as const) {
      const unreached = draft[list].findIndex(({ address }) => !this.hasRoute(principal, draft, address));
      if (unreached >= 0) return userError('PROVIDER_NOT_CONFIGURED', [list, String(unreached), 'address']);
    }
    return undefined;
  }

  private hasRoute({ tenantId }: Principal, { lane, from }: MessageDraft, { domain }: EmailAddress): boolean {
    // Mail to the magic domain stays in the sandbox, whoever sends it.
    if (domain === MAGIC_DOMAIN) return true;
    const senderDomain = from.address.domain;
    const route = this.directory.routeFor({ tenantId, lane, senderDomain, recipientDomain: domain });
    return route !== undefined && route.steps.length > 0;
  }
}
