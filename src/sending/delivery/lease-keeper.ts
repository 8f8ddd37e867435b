import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import { isLostConnection } from '../../database/unknown-commit-outcome.js';
import { reasonOf } from '../../telemetry/reason-of.js';
import { type ClaimedJob, jobKey } from './claimed-job.js';
import { SendJobRepository } from './send-job.repository.js';

const ASK_AGAIN_MS = 250;

/**
 * Keeps the leases of everything this process holds alive, and answers before each hand-over whether
 * a lease is still ours. A process that was stopped for longer than its lease finds out here, before
 * it sends what another worker has sent meanwhile.
 */
@Injectable()
export class LeaseKeeper {
  private readonly logger = new Logger(LeaseKeeper.name);
  private readonly held = new Map<string, ClaimedJob>();
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    private readonly jobs: SendJobRepository,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  hold(jobs: readonly ClaimedJob[]): void {
    for (const job of jobs) this.held.set(jobKey(job), job);
    this.timer ??= setInterval(() => void this.extendAll(), this.config.leaseMs / 3);
  }

  drop(job: ClaimedJob): void {
    const key = jobKey(job);
    if (this.held.get(key) === job) this.held.delete(key);
  }

  /**
   * True while the lease is certainly ours; asks the database when half of it has passed unconfirmed,
   * and waits for one that is away. Giving up instead would count the job as perhaps sent.
   */
  async confirm(job: ClaimedJob): Promise<boolean> {
    while (!this.isConfirmed(job)) {
      if (this.stopped) return false;
      try {
        await this.extend([job]);
        return this.isConfirmed(job);
      } catch (error) {
        if (!isLostConnection(error)) throw error;
        await sleep(ASK_AGAIN_MS);
      }
    }
    return true;
  }

  stop(): void {
    this.stopped = true;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private isConfirmed(job: ClaimedJob): boolean {
    return performance.now() - job.leaseConfirmedMono < this.config.leaseMs / 2;
  }

  private async extendAll(): Promise<void> {
    const jobs = [...this.held.values()];
    if (jobs.length === 0) return;
    try {
      await this.extend(jobs);
    } catch (error) {
      this.logger.error({ msg: 'leases could not be extended', reason: reasonOf(error) });
    }
  }

  private async extend(jobs: readonly ClaimedJob[]): Promise<void> {
    const askedMono = performance.now();
    const ours = await this.jobs.extend(jobs);
    for (const job of jobs) {
      if (ours.has(jobKey(job))) job.leaseConfirmedMono = askedMono;
      else this.drop(job);
    }
  }
}
