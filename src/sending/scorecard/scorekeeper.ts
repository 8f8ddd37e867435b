import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { PeriodicTask } from '../../database/periodic-task.js';
import type { Lane } from '../../domain/lane.js';
import type { StoredWaiting } from '../../domain/waiting-for.js';
import { reasonOf } from '../../telemetry/reason-of.js';
import { AttemptTally, type CountedAttempt, type MinuteCounts, type Place } from './attempt-tally.js';
import { ProviderMinuteRepository } from './provider-minute.repository.js';
import { ScorecardMetrics } from './scorecard-metrics.js';

/** What a killed worker takes with it. */
const FLUSH_MS = 5000;

/** Counts what becomes of attempts, in memory, and adds the counts to the database every few seconds. */
@Injectable()
export class Scorekeeper implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(Scorekeeper.name);
  private readonly tally = new AttemptTally();
  private readonly unwritten: MinuteCounts[][] = [];
  private readonly task = new PeriodicTask(
    FLUSH_MS,
    () => this.write(),
    (error) => this.tellFailing(error),
  );
  private failing = false;

  constructor(
    private readonly repository: ProviderMinuteRepository,
    private readonly metrics: ScorecardMetrics,
  ) {}

  onApplicationBootstrap(): void {
    this.task.start();
  }

  /** After the last hand-over, before the pools close. */
  async onApplicationShutdown(): Promise<void> {
    await this.task.stop();
    await this.flush();
  }

  attempted(attempt: CountedAttempt): void {
    this.tally.attempted(attempt);
    this.metrics.attempted(attempt);
  }

  /** The provider could not take it, and the next one of the route was asked if there is one. */
  fellBack(place: Place): void {
    this.tally.fellBack(place);
    this.metrics.fellBack(place);
  }

  parked(lane: Lane, waitingFor: StoredWaiting): void {
    this.metrics.parked(lane, waitingFor);
  }

  /** What one could not write the next one does, each in a statement of its own. */
  flush(): Promise<void> {
    return this.task.run();
  }

  /**
   * Where the connection is lost around the commit the counts may be added twice: a few seconds' worth
   * counted double is better than missing.
   */
  private async write(): Promise<void> {
    this.unwritten.push(this.tally.take());
    for (let first = this.unwritten[0]; first !== undefined; first = this.unwritten[0]) {
      await this.repository.add(first);
      this.unwritten.shift();
    }
    this.failing = false;
  }

  private tellFailing(error: unknown): void {
    if (!this.failing) this.logger.warn({ msg: 'scores not written yet, trying again', reason: reasonOf(error) });
    this.failing = true;
  }
}
