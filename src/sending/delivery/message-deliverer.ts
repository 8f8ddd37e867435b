import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { LANES, type Lane } from '../../domain/lane.js';
import type { LoadedMessage } from '../../messages/message-content.repository.js';
import { reasonOf } from '../../telemetry/reason-of.js';
import { Pacer } from '../pacing/pacer.js';
import { ByteBudget } from './byte-budget.js';
import type { ClaimedJob } from './claimed-job.js';
import { type Settlement, decideBeforeSending, isInDoubt, withoutContent } from './decide-outcome.js';
import { DeliveryMetrics } from './delivery-metrics.js';
import { isWhole, JobLoader, type ReadyJob } from './job-loader.js';
import { LeaseKeeper } from './lease-keeper.js';
import { OutcomeWriter } from './outcome-writer.js';
import { Suspects } from './suspects.js';
import { NotBegun, notBegun, WayTaker } from './way-taker.js';

/** Put back, because another one is under way alone. */
const SUSPECTS_WAIT_MS = 1000;
/** Of messages too large to lie ready, for each lane; rendering one takes about three times its size. */
const LARGE_AT_ONCE_BYTES = 64 * 1024 * 1024;
const TRY_AGAIN_MS = 250;
/** A minute: a database that is away ends the lease before. */
const MOST_TRIES = 240;

/** Takes one recipient's message the last way: checks, hands over, has the outcome recorded. */
@Injectable()
export class MessageDeliverer {
  private readonly logger = new Logger(MessageDeliverer.name);
  private readonly suspects = new Suspects();
  private readonly budgets = Object.fromEntries(
    LANES.map((lane) => [lane, new ByteBudget(LARGE_AT_ONCE_BYTES)]),
  ) as Record<Lane, ByteBudget>;
  private stopping = false;

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

  /** Loads the messages of a claim in one go. What must not go along with the others is put back first. */
  async prepare(jobs: readonly ClaimedJob[]): Promise<ReadyJob[]> {
    const { now, later } = this.suspects.part(jobs);
    // Called again for the same jobs it may find that one of these can go now: then it has to ask whose it is.
    for (const job of later) job.leaseConfirmedMono = -Infinity;
    if (later.length > 0) await this.loader.release(later, SUSPECTS_WAIT_MS);
    this.leases.hold(now);
    const ready = await this.loader.load(now);
    for (const one of ready)
      if (one.message !== undefined && isWhole(one.message)) void this.taker.makeReady(one, one.message);
    return ready;
  }

  /** Returns jobs that were claimed but not started; where even that fails their leases run out. */
  async giveBack(jobs: readonly ClaimedJob[]): Promise<void> {
    for (const job of jobs) this.letGo(job);
    try {
      await this.loader.release(jobs);
    } catch (error) {
      const reason = reasonOf(error);
      this.logger.warn({ msg: 'jobs not given back: their leases will run out', jobs: jobs.length, reason });
    }
  }

  /** What has a slot and waits for its turn among the large ones is given back. */
  stop(): void {
    this.stopping = true;
    for (const budget of Object.values(this.budgets)) budget.letAllIn();
  }

  /** Never rejects: what goes wrong becomes a deferral, or is left to the end of the lease. */
  async deliver(ready: ReadyJob): Promise<void> {
    const { job, message } = ready;
    try {
      const before = this.decideBefore(ready);
      if (before !== undefined) this.settle(job, before);
      else if (message === undefined || !(await this.sendInTurn(ready, message))) await this.giveBack([job]);
    } catch (error) {
      this.letGo(job);
      const reason = reasonOf(error);
      this.logger.error({ msg: 'attempt ended without an outcome', messageId: job.messageId, n: job.n, reason });
    }
  }

  /** The lease is confirmed when the turn has come: a process may have stood still while it waited. */
  private async sendInTurn(ready: ReadyJob, message: LoadedMessage): Promise<boolean> {
    if (isWhole(message)) return this.send(ready, message);
    const budget = this.budgets[ready.job.lane];
    return budget.spend(message.sizeBytes, async () => !this.stopping && this.send(ready, message));
  }

  /**
   * False when nothing was tried and the lease is no longer ours. Waits for a database that is away, as
   * long as it takes: to let the lease end would count the mail as perhaps sent.
   */
  private async send(ready: ReadyJob, message: LoadedMessage): Promise<boolean> {
    for (let tries = 1; await this.leases.confirm(ready.job); tries += 1) {
      try {
        const told = await this.toldMeanwhile(ready).catch(notBegun);
        this.settle(ready.job, told ?? (await this.take(ready, message)));
        return true;
      } catch (error) {
        if (!(error instanceof NotBegun) || tries >= MOST_TRIES) throw error;
        await sleep(TRY_AGAIN_MS);
      }
    }
    return false;
  }

  /** While it lay ready, which can be long, a provider may have told that it has it already. */
  private async toldMeanwhile(ready: ReadyJob): Promise<Settlement | undefined> {
    if (!isInDoubt(ready.job, ready.status)) return undefined;
    return this.decideBefore({ ...ready, status: await this.loader.standing(ready) });
  }

  private async take(ready: ReadyJob, message: LoadedMessage): Promise<Settlement> {
    if (isWhole(message)) return this.taker.take(ready, message);
    const complete = await this.loader.complete(ready).catch(notBegun);
    return complete === undefined
      ? withoutContent(ready.job, ready.status)
      : this.taker.take(complete.ready, complete.message);
  }

  private letGo(job: ClaimedJob): void {
    this.leases.drop(job);
    this.suspects.clear(job);
  }

  private decideBefore({ job, message, address, status, isPutAside }: ReadyJob): Settlement | undefined {
    const before = decideBeforeSending(job, { status, inDoubt: message?.inDoubt ?? 'HOLD', isPutAside });
    return before ?? (message === undefined || address === '' ? withoutContent(job, status) : undefined);
  }

  /**
   * Not awaited by the hand-over: its slot is free for the next one while the outcome waits for its
   * batch. The lease stays held until it is recorded.
   */
  private settle(job: ClaimedJob, settlement: Settlement): void {
    void this.writer.write(job, settlement).then((recorded) => {
      this.letGo(job);
      if (recorded) return;
      this.metrics.leaseLost();
      this.logger.warn({ msg: 'outcome not recorded: the lease was lost', messageId: job.messageId, n: job.n });
    });
  }
}
