import { Injectable, Logger } from '@nestjs/common';
import type { DeliverableMessage } from '../../messages/message-content.repository.js';
import { reasonOf } from '../../telemetry/reason-of.js';
import { Pacer } from '../pacing/pacer.js';
import type { ClaimedJob } from './claimed-job.js';
import { type Settlement, decideBeforeSending, decideSettled } from './decide-outcome.js';
import { DeliveryMetrics } from './delivery-metrics.js';
import { JobLoader, type ReadyJob } from './job-loader.js';
import { LeaseKeeper } from './lease-keeper.js';
import { OutcomeWriter } from './outcome-writer.js';
import { WayTaker } from './way-taker.js';

/** Takes one recipient's message the last way: checks, hands over, has the outcome recorded. */
@Injectable()
export class MessageDeliverer {
  private readonly logger = new Logger(MessageDeliverer.name);

  constructor(
    private readonly loader: JobLoader,
    private readonly taker: WayTaker,
    private readonly leases: LeaseKeeper,
    private readonly writer: OutcomeWriter,
    private readonly metrics: DeliveryMetrics,
    private readonly pacer: Pacer,
  ) {}

  get unrecorded(): number {
    return this.writer.backlog;
  }

  /** Its destination holds so many slots for so long already that it would only be put back. */
  isClogged({ job, domain }: ReadyJob): boolean {
    return this.pacer.isClogged(job.lane, domain);
  }

  /** Loads the messages of a claim in one go. */
  async prepare(jobs: readonly ClaimedJob[]): Promise<ReadyJob[]> {
    this.leases.hold(jobs);
    const ready = await this.loader.load(jobs);
    for (const one of ready) void this.taker.makeReady(one);
    return ready;
  }

  /** Returns jobs that were claimed but not started; where even that fails their leases run out. */
  async giveBack(jobs: readonly ClaimedJob[]): Promise<void> {
    for (const job of jobs) this.leases.drop(job);
    try {
      await this.loader.release(jobs);
    } catch (error) {
      const reason = reasonOf(error);
      this.logger.warn({ msg: 'jobs not given back: their leases will run out', jobs: jobs.length, reason });
    }
  }

  /** Never rejects: what goes wrong becomes a deferral, or is left to the end of the lease. */
  async deliver(ready: ReadyJob): Promise<void> {
    const { job, message } = ready;
    try {
      const before = this.decideBefore(ready);
      if (before !== undefined) this.settle(job, before);
      else if (message !== undefined && (await this.leases.confirm(job))) await this.send(ready, message);
      else await this.giveBack([job]);
    } catch (error) {
      this.leases.drop(job);
      const reason = reasonOf(error);
      this.logger.error({ msg: 'attempt ended without an outcome', messageId: job.messageId, n: job.n, reason });
    }
  }

  private async send(ready: ReadyJob, message: DeliverableMessage): Promise<void> {
    this.settle(ready.job, await this.taker.take(ready, message));
  }

  private decideBefore({ job, message, address, settled }: ReadyJob): Settlement | undefined {
    if (settled) return decideSettled(job);
    if (message === undefined || address === '') {
      const note = 'Its content is no longer kept.';
      const data = { status: 'FAILED', note };
      const key = { tenantId: job.tenantId, messageId: job.messageId, n: job.n };
      return { delayMs: undefined, changes: [{ ...key, event: 'FAILED', status: 'FAILED', data }] };
    }
    return decideBeforeSending(job, message.inDoubt);
  }

  /**
   * Not awaited by the hand-over: its slot is free for the next one while the outcome waits for its
   * batch. The lease stays held until it is recorded.
   */
  private settle(job: ClaimedJob, settlement: Settlement): void {
    void this.writer.write(job, settlement).then((recorded) => {
      this.leases.drop(job);
      if (recorded) return;
      this.metrics.leaseLost();
      this.logger.warn({ msg: 'outcome not recorded: the lease was lost', messageId: job.messageId, n: job.n });
    });
  }
}
