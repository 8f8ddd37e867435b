import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { PeriodicTask } from '../../database/periodic-task.js';
import { Pools } from '../../database/pools.js';
import { reasonOf } from '../../telemetry/reason-of.js';
import { DomainVerifier } from './domain-verifier.js';
import { SenderDomainRepository } from './sender-domain.repository.js';

const LOOK_EVERY_MS = 300_000;
/** So many name servers may be silent for 6 s each without the next look being late. */
const AT_ONCE = 20;

/** Looks daily whether the records of verified domains are still there. */
@Injectable()
export class DomainRechecker implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(DomainRechecker.name);
  private readonly task = new PeriodicTask(
    LOOK_EVERY_MS,
    () => this.recheck(),
    (error) => this.logger.error({ msg: 'sender domains not checked', reason: reasonOf(error) }),
  );

  constructor(
    private readonly repository: SenderDomainRepository,
    private readonly verifier: DomainVerifier,
    private readonly pools: Pools,
  ) {}

  onApplicationBootstrap(): void {
    this.task.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.task.stop();
  }

  /** The number of domains that were due; 0 while another replica takes its share. */
  async recheck(): Promise<number> {
    const due = await this.pools.transaction(this.pools.main, async (tx) => {
      const claimed = await this.repository.claimDue(tx, AT_ONCE);
      if (claimed.length > 0) await this.repository.dropOldKeys(tx);
      return claimed;
    });
    for (const { tenantId, id } of due) {
      // The rest is for another replica, within the hour.
      if (this.task.isStopped) break;
      await this.verifier.verify(tenantId, id);
    }
    return due.length;
  }
}
