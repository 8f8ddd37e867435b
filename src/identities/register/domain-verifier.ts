import { Inject, Injectable, Logger } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import { Pools } from '../../database/pools.js';
import { Metrics } from '../../telemetry/metrics.js';
import { VerifiedDomains } from '../sign/verified-domains.js';
import { type Verification, decideVerification } from './decide-verification.js';
import { expectedRecords } from './dns-record.js';
import { RecordChecker } from './record-checker.js';
import type { SenderDomain } from './sender-domain.entity.js';
import { SenderDomainRepository } from './sender-domain.repository.js';

/** What was found; `taken` when only the claim of another tenant stands in the way. */
export interface Verified {
  readonly taken: boolean;
}

/** Asks DNS for the records of a domain and acts on the answers. */
@Injectable()
export class DomainVerifier {
  private readonly logger = new Logger(DomainVerifier.name);

  constructor(
    private readonly repository: SenderDomainRepository,
    private readonly checker: RecordChecker,
    private readonly pools: Pools,
    private readonly verified: VerifiedDomains,
    private readonly metrics: Metrics,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Undefined when the tenant has no such domain. */
  async verify(tenantId: string, id: string): Promise<Verified | undefined> {
    const domain = await this.repository.byId(tenantId, id);
    if (domain === undefined) return undefined;
    // Outside of the transaction: DNS may take seconds.
    const checks = await this.checker.check(expectedRecords(domain, this.config, new Date()));
    const applied = await this.pools.transaction(this.pools.main, async (tx) => {
      await this.repository.lockOwnership(tx);
      const locked = await this.repository.lock(tx, tenantId, id);
      if (locked === undefined) return undefined;
      const taken = await this.repository.isTaken(tx, tenantId, locked.row.name);
      const decide = (isTaken: boolean): Verification => decideVerification(locked, checks, isTaken, new Date());
      const verification = decide(taken);
      await this.repository.settle(tx, locked.row, verification, checks);
      return { before: locked, verification, taken: verification.status !== decide(false).status };
    });
    if (applied === undefined) return undefined;
    this.verified.announce();
    this.tell(applied.before, applied.verification);
    return { taken: applied.taken };
  }

  private tell({ row }: SenderDomain, { status, activate }: Verification): void {
    const of = { tenantId: row.tenantId, domainId: row.id };
    for (const key of activate) this.logger.log({ msg: 'DKIM key signs from now on', ...of, dkimKeyId: key.id });
    if (status === row.status) return;
    if (status === 'LOST') {
      this.metrics.domainsLost.inc();
      this.logger.error({ msg: 'sender domain lost: its DKIM record is gone', ...of });
    } else if (status === 'AT_RISK') {
      this.logger.warn({ msg: 'sender domain at risk: its DKIM record is not found', ...of });
    } else {
      this.logger.log({ msg: 'sender domain verified', ...of });
    }
  }
}
