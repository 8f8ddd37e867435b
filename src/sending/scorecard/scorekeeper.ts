import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Lane } from '../../domain/lane.js';
import type { StoredWaiting } from '../../domain/waiting-for.js';
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
  private timer: NodeJS.Timeout | undefined;
  private flushing: Promise<void> = Promise.resolve();
  private failing = false;

  constructor(
    private readonly repository: ProviderMinuteRepository,
    private readonly metrics: ScorecardMetrics,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.flush(), FLUSH_MS);
    this.timer.unref();
  }

  /** After the last hand-over, before the pools close. */
  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
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

  /** One at a time: what one could not write the next one does, each in a statement of its own. */
  flush(): Promise<void> {
    this.flushing = this.flushing.then(() => this.write());
    return this.flushing;
  }

  /**
   * Where the connection is lost around the commit the counts may be added twice: a few seconds' worth
   * counted double is better than missing.
   */
  private async write(): Promise<void> {
    this.unwritten.push(this.tally.take());
    try {
      for (let first = this.unwritten[0]; first !== undefined; first = this.unwritten[0]) {
        await this.repository.add(first);
        this.unwritten.shift();
      }
      this.failing = false;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (!this.failing) this.logger.warn({ msg: 'scores not written yet, trying again', reason });
      this.failing = true;
    }
  }
}
