import { Injectable } from '@nestjs/common';
import { DnsLookup } from '../../../dns/dns-lookup.js';
import { MtaStsPolicyRepository } from './mta-sts-policy.repository.js';
import { SourceAddressUseRepository } from './source-address-use.repository.js';

/** What every direct transport of this process asks. */
@Injectable()
export class DirectResources {
  constructor(
    readonly dns: DnsLookup,
    readonly policyStore: MtaStsPolicyRepository,
    readonly addressUse: SourceAddressUseRepository,
  ) {}
}
