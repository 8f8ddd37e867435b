import { Module } from '@nestjs/common';
import { ProvidersModule } from '../providers/providers.module.js';
import { DnsModule } from '../../dns/dns.module.js';
import { DirectResources } from './direct/direct-resources.js';
import { MtaStsPolicyRepository } from './direct/mta-sts-policy.repository.js';
import { SourceAddressUseRepository } from './direct/source-address-use.repository.js';
import { SandboxMailRepository } from './sandbox/sandbox-mail.repository.js';
import { SandboxTransport } from './sandbox/sandbox-transport.js';
import { Transports } from './transports.js';

/** The ways out, for workers. */
@Module({
  imports: [DnsModule, ProvidersModule],
  providers: [
    SandboxMailRepository,
    SandboxTransport,
    MtaStsPolicyRepository,
    SourceAddressUseRepository,
    DirectResources,
    Transports,
  ],
  exports: [Transports],
})
export class TransportsModule {}
