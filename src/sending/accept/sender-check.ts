import { Injectable } from '@nestjs/common';
import type { MessageDraft } from '../../domain/message-draft.js';
import type { Principal } from '../../domain/principal.js';
import { type UserError, userError } from '../../domain/user-error.js';
import { SenderIdentities } from '../../identities/sign/sender-identities.js';

/** Refuses live mail from a domain that is not the tenant's. Answers from memory. */
@Injectable()
export class SenderCheck {
  constructor(private readonly identities: SenderIdentities) {}

  problemOf(principal: Principal, { from }: MessageDraft): UserError | undefined {
    const { domain } = from.address;
    if (principal.mode === 'TEST' || this.identities.maySend({ tenantId: principal.tenantId, domain }))
      return undefined;
    const text = `${domain} is not at a verified domain of yours: register it by createDomain, publish its records and call verifyDomain.`;
    return userError('SENDER_NOT_VERIFIED', ['from', 'address'], text);
  }
}
