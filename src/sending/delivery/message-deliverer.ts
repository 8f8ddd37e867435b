import { Inject, Injectable, Logger } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import type { DeliverableMessage } from '../../messages/message-content.repository.js';
import type { RenderedMessage } from '../render/render-message.js';
import type { Envelope, HandOverResult, Transport } from '../transports/transport.js';
import { Transports } from '../transports/transports.js';
import { type ClaimedJob, databaseTime } from './claimed-job.js';
import { type Settlement, decideAfterHandOver, decideBeforeSending } from './decide-outcome.js';
import { DeliveryMetrics } from './delivery-metrics.js';
import { JobLoader, type ReadyJob } from './job-loader.js';
import { LeaseKeeper } from './lease-keeper.js';
import { OutcomeWriter } from './outcome-writer.js';

const NON_ASCII = /\P{ASCII}/u;

/** Takes one recipient's message the last way: checks, renders, hands over, has the outcome recorded. */
@Injectable()
export class MessageDeliverer {
  private readonly logger = new Logger(MessageDeliverer.name);

  constructor(
    private readonly loader: JobLoader,
    private readonly transports: Transports,
    private readonly leases: LeaseKeeper,
    private readonly writer: OutcomeWriter,
    private readonly metrics: DeliveryMetrics,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  get unrecorded(): number {
    return this.writer.backlog;
  }

  /** Loads the messages of a claim in one go. */
  async prepare(jobs: readonly ClaimedJob[]): Promise<ReadyJob[]> {
    this.leases.hold(jobs);
    return this.loader.load(jobs);
  }

  /** Returns jobs that were claimed but not started; where even that fails their leases run out. */
  async giveBack(jobs: readonly ClaimedJob[]): Promise<void> {
    for (const job of jobs) this.leases.drop(job);
    try {
      await this.loader.release(jobs);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.logger.warn({ msg: 'jobs not given back: their leases will run out', jobs: jobs.length, reason });
    }
  }

  /** Never rejects: what goes wrong becomes a deferral, or is left to the end of the lease. */
  async deliver(ready: ReadyJob): Promise<void> {
    const { job } = ready;
    try {
      const before = this.decideBefore(ready);
      if (before !== undefined) this.settle(job, before);
      else if (await this.leases.confirm(job)) await this.send(ready);
      else await this.giveBack([job]);
    } catch (error) {
      this.leases.drop(job);
      const reason = error instanceof Error ? error.message : String(error);
      this.logger.error({ msg: 'attempt ended without an outcome', messageId: job.messageId, n: job.n, reason });
    }
  }

  private decideBefore({ job, message, address }: ReadyJob): Settlement | undefined {
    if (message === undefined || address === '') {
      const note = 'Its content is no longer kept.';
      const data = { status: 'FAILED', note };
      const key = { tenantId: job.tenantId, messageId: job.messageId, n: job.n };
      return { delayMs: undefined, changes: [{ ...key, event: 'FAILED', status: 'FAILED', data }] };
    }
    return decideBeforeSending(job, message.inDoubt);
  }

  private async send(ready: ReadyJob): Promise<void> {
    const { job, message } = ready;
    if (message === undefined) return;
    const transport = this.transports.pick({
      sandbox: message.sandbox,
      domain: domainOf(ready.address),
      tenantId: job.tenantId,
      lane: job.lane,
      senderDomain: message.composition.from.address.domain,
      key: `${job.messageId}.${job.n}`,
    });
    const startedMono = performance.now();
    const result = await this.handOver(ready, message, transport);
    const finishedMono = performance.now();
    const finishedAt = databaseTime(job, finishedMono);
    const settlement = decideAfterHandOver(job, result, {
      provider: transport?.name,
      startedAt: databaseTime(job, startedMono),
      finishedAt,
      random: Math.random(),
      inDoubt: message.inDoubt,
    });
    const { outcome } = result;
    this.metrics.attempted({ job, outcome, provider: transport?.name ?? 'none', dueAt: message.dueAt, finishedAt });
    this.settle(job, settlement);
  }

  private async handOver(
    ready: ReadyJob,
    message: DeliverableMessage,
    transport: Transport | undefined,
  ): Promise<HandOverResult> {
    if (transport === undefined) {
      const note = 'No provider takes it now: no route leads to one, or all of them are being drained.';
      return { outcome: 'deferred', stage: 'CONNECT', reply: undefined, note };
    }
    let rendered: RenderedMessage;
    try {
      rendered = ready.rendered();
    } catch (error) {
      const { messageId } = ready.job;
      this.logger.error({ msg: 'message could not be rendered', messageId, reason: errorName(error) });
      return { outcome: 'deferred', stage: 'CONNECT', reply: undefined, note: 'The message could not be rendered.' };
    }
    return transport.handOver(this.envelope(ready, message, rendered), {
      raw: rendered.raw,
      composition: message.composition,
    });
  }

  private envelope({ job, address }: ReadyJob, message: DeliverableMessage, rendered: RenderedMessage): Envelope {
    const from = this.config.returnPath ?? message.composition.from.address.value;
    return {
      from,
      to: address,
      smtpUtf8: rendered.smtpUtf8 || NON_ASCII.test(address) || NON_ASCII.test(from),
      envid: `${job.tenantId}.${job.messageId}.${job.n}.${job.attempt}`,
      lane: job.lane,
      idempotencyKey: `${job.tenantId}.${job.messageId}.${job.n}`,
    };
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

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1);
}

/** The kind of a fault only: its message could quote the mail. */
function errorName(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown';
}
