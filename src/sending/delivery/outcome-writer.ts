import { Injectable, Logger } from '@nestjs/common';
import pg from 'pg';
import { Pools } from '../../database/pools.js';
import { Signals } from '../../database/signals.js';
import { EventRecorder } from '../../events/event-recorder.js';
import { reasonOf } from '../../telemetry/reason-of.js';
import { type ClaimedJob, jobKey } from './claimed-job.js';
import type { Settlement } from './decide-outcome.js';
import { plainSettlement } from './plain-settlement.js';
import { SendJobRepository } from './send-job.repository.js';

/**
 * Results gather for 5 ms or until there are 64, and two batches may be on their way at once. The
 * window decides how many mails a killed worker sends twice: 1,000-row batches doubled it.
 */
const GATHER_MS = 5;
const MOST_ROWS = 64;
const MOST_IN_FLIGHT = 2;
const RETRY_MS = 250;
/** Idle lanes look no later than this: what is due sooner has to be told. */
const SOON_MS = 1000;

/** Classes of SQLSTATE: data exception, integrity constraint violation. */
const FAULTS_OF_DATA = /^2[23]/;
/** Also what a row without a partition gets, then without the name of a constraint. */
const CHECK_VIOLATION = '23514';

interface PendingOutcome {
  readonly job: ClaimedJob;
  readonly settlement: Settlement;
  readonly resolve: (recorded: boolean) => void;
}

/** Records outcomes in small batches: the job's end, the status, the attempt and the events, in one transaction. */
@Injectable()
export class OutcomeWriter {
  private readonly logger = new Logger(OutcomeWriter.name);
  private pending: PendingOutcome[] = [];
  private inFlight = 0;
  private timer: NodeJS.Timeout | undefined;
  private givenUp = false;

  constructor(
    private readonly pools: Pools,
    private readonly jobs: SendJobRepository,
    private readonly recorder: EventRecorder,
    private readonly signals: Signals,
  ) {}

  /** Outcomes not yet in the database. */
  get backlog(): number {
    return this.pending.length + this.inFlight * MOST_ROWS;
  }

  /** Resolves once recorded: true, or false when the lease had been lost and nothing was written. */
  write(job: ClaimedJob, settlement: Settlement): Promise<boolean> {
    return new Promise((resolve) => {
      this.pending.push({ job, settlement, resolve });
      if (this.pending.length >= MOST_ROWS) this.flush();
      else this.timer ??= setTimeout(() => this.flush(), GATHER_MS);
    });
  }

  /** Resolves when every outcome handed in so far is in the database (or given up). */
  async drained(): Promise<void> {
    while (this.backlog > 0) await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
  }

  /** Stops retrying against a database that is gone; what is unwritten is settled by whoever claims it next. */
  giveUp(): void {
    this.givenUp = true;
  }

  private flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    while (this.inFlight < MOST_IN_FLIGHT && this.pending.length > 0) {
      const batch = this.pending.splice(0, MOST_ROWS);
      this.inFlight += 1;
      void this.record(batch).finally(() => {
        this.inFlight -= 1;
        if (this.pending.length > 0) this.flush();
      });
    }
  }

  /**
   * Retries until the database answers. Repeating is safe: a row that was settled by a commit whose
   * reply got lost no longer carries our lease. (Its outcome then counts as not recorded by us.)
   */
  private async record(batch: readonly PendingOutcome[]): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const recorded = await this.recordOnce(batch);
        this.recorder.announce();
        this.tellDueSoon(batch);
        for (const { job, resolve } of batch) resolve(recorded.has(jobKey(job)));
        return;
      } catch (error) {
        if (isFaultOfData(error)) return this.recordApart(batch);
        const reason = reasonOf(error);
        if (attempt === 1)
          this.logger.error({ msg: 'outcomes not recorded yet, trying again', rows: batch.length, reason });
        if (this.givenUp) {
          for (const { resolve } of batch) resolve(false);
          return;
        }
        await new Promise((resolve) => setTimeout(resolve, Math.min(RETRY_MS * attempt, 2000)));
      }
    }
  }

  /** One of them holds something that the database does not take: it must not stop the others. */
  private async recordApart(batch: readonly PendingOutcome[]): Promise<void> {
    if (batch.length > 1) {
      for (const outcome of batch) await this.record([outcome]);
      return;
    }
    for (const { job, settlement, resolve } of batch) {
      const plain = plainSettlement(settlement);
      const isPlain = JSON.stringify(plain) === JSON.stringify(settlement);
      this.logger.error({ msg: 'an outcome cannot be stored as it is', messageId: job.messageId, n: job.n, isPlain });
      if (isPlain) resolve(false);
      else await this.record([{ job, settlement: plain, resolve }]);
    }
  }

  private tellDueSoon(batch: readonly PendingOutcome[]): void {
    const soon = batch.filter(({ settlement }) => (settlement.delayMs ?? SOON_MS) < SOON_MS);
    for (const lane of new Set(soon.map(({ job }) => job.lane))) this.signals.publish('jobs', lane);
  }

  private recordOnce(batch: readonly PendingOutcome[]): Promise<Set<string>> {
    return this.pools.transaction(this.pools.queue, async (tx) => {
      const ours = await this.jobs.settle(tx, batch);
      const changes = batch.filter(({ job }) => ours.has(jobKey(job))).flatMap(({ settlement }) => settlement.changes);
      if (changes.length > 0) await this.recorder.record(tx, changes);
      return ours;
    });
  }
}

/** A month that has no partition yet is no fault of an outcome: given up, everything sent would be sent again. */
function isFaultOfData(error: unknown): boolean {
  if (!(error instanceof pg.DatabaseError)) return false;
  const { code = '', constraint } = error;
  return FAULTS_OF_DATA.test(code) && (code !== CHECK_VIOLATION || constraint !== undefined);
}
