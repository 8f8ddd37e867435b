import { Module } from '@nestjs/common';
import { DnsModule } from '../dns/dns.module.js';
import { DomainRechecker } from './register/domain-rechecker.js';
import { DomainVerifier } from './register/domain-verifier.js';
import { NewDkimKeys } from './register/new-dkim-keys.js';
import { RecordChecker } from './register/record-checker.js';
import { SenderDomainRepository } from './register/sender-domain.repository.js';
import { SenderDomainResolver } from './register/sender-domain.resolver.js';
import { SenderDomains } from './register/sender-domains.js';
import { ActiveKeyRepository } from './sign/active-key.repository.js';
import { DkimKeyRing } from './sign/dkim-key-ring.js';
import { DkimSigner } from './sign/dkim-signer.js';
import { SenderIdentities } from './sign/sender-identities.js';
import { VerifiedDomains } from './sign/verified-domains.js';

/** Who mail may be from, how that is proven, and the signature that proves it to receivers. */
@Module({
  imports: [DnsModule],
  providers: [
    SenderDomainRepository,
    RecordChecker,
    NewDkimKeys,
    DomainVerifier,
    DomainRechecker,
    SenderDomains,
    SenderDomainResolver,
    ActiveKeyRepository,
    VerifiedDomains,
    DkimKeyRing,
    DkimSigner,
    SenderIdentities,
  ],
  exports: [SenderIdentities, DkimSigner],
})
export class IdentitiesModule {}
