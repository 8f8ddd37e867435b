import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { Signals } from '../database/signals.js';
import { EventLogRepository, type LogMoment, type LogPosition, type TailInterest } from './event-log.repository.js';
import type { StoredEvent } from './stored-event.js';

/** Part of what became visible between two snapshots; the parts of one batch share both snapshots. */
export interface TailPage {
  readonly previousSnapshot: string;
  readonly snapshot: string;
  /** In the order of (tx, id). */
  readonly events: readonly StoredEvent[];
}

/** Who the tail reads for. */
export interface TailReader {
  /** What to read in the next page; 'nothing' lets the tail rest. */
  interest(): TailInterest | undefined | 'nothing';
  receive(page: TailPage): void;
}

type AtBoundary = (moment: LogMoment) => void;

const PAGE = 1000;
/** Wake-ups closer together than this share one look at the log. */
const MIN_GAP_MS = 5;
/** How long to trust the wake-ups. */
const FLOOR_MS = 1000;
const MAX_BACKOFF_MS = 2000;

/**
 * The one reader of the log's end in this process. Each batch covers exactly what is visible in its
 * snapshot and was not in the one before, so whoever joins between two batches misses and repeats
 * nothing. While nobody listens it does not read at all.
 */
@Injectable()
export class EventTail implements BeforeApplicationShutdown {
  private readonly logger = new Logger(EventTail.name);
  private reader: TailReader | undefined;
  private position: LogPosition | undefined;
  /** Waiting for the next batch to begin, and for the present one to end. */
  private waiting: AtBoundary[] = [];
  private joining: AtBoundary[] = [];
  private woken = false;
  private wakeUp: (() => void) | undefined;
  private stopped = false;
  private running: Promise<void> | undefined;
  private unsubscribe: (() => void) | undefined;

  constructor(
    private readonly log: EventLogRepository,
    private readonly signals: Signals,
  ) {}

  /** Starts reading for the reader, from now on. */
  start(reader: TailReader): void {
    this.reader = reader;
    this.unsubscribe = this.signals.on('events', () => this.wake());
    this.running ??= this.run(reader);
  }

  /**
   * Calls back between two batches, with the snapshot all earlier batches led to. That snapshot is
   * taken after this call: whatever was committed before it, and every cursor given out before it,
   * lies behind the boundary.
   */
  atBoundary(callback: AtBoundary): void {
    this.waiting.push(callback);
    this.wake();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    this.unsubscribe?.();
    this.wake();
    await this.running;
  }

  private wake(): void {
    this.woken = true;
    this.wakeUp?.();
  }

  private get idle(): boolean {
    return this.waiting.length === 0 && this.joining.length === 0 && this.reader?.interest() === 'nothing';
  }

  private async run(reader: TailReader): Promise<void> {
    let failures = 0;
    while (!this.stopped) {
      const began = performance.now();
      try {
        if (!this.idle) await this.readBatch(reader);
        if (failures > 0) this.logger.log('reading the event log again');
        failures = 0;
      } catch (error) {
        if (failures === 0) this.logger.warn(`the event log cannot be read, trying again: ${String(error)}`);
        failures += 1;
      }
      if (failures > 0) await this.pause(Math.min(MAX_BACKOFF_MS, 25 * 2 ** failures));
      else await this.pause(MIN_GAP_MS - (performance.now() - began));
      if (failures === 0) await this.untilWoken();
    }
  }

  /** Reads from the last snapshot to the present one; after a fault, the rest of the same batch. */
  private async readBatch(reader: TailReader): Promise<void> {
    let position = this.position;
    if (position?.target === undefined) {
      this.woken = false;
      this.joining = [...this.joining, ...this.waiting.splice(0)];
    }
    const interest = reader.interest();
    if (position === undefined || interest === 'nothing') {
      this.endBatch(await this.log.now());
      return;
    }
    for (;;) {
      const page = await this.log.tailPage(position, interest, PAGE + 1);
      const target: string = position.target ?? page.snapshot;
      const events = page.events.slice(0, PAGE);
      if (events.length > 0) reader.receive({ previousSnapshot: position.base, snapshot: target, events });
      const last = events.at(-1);
      if (page.events.length <= PAGE || last === undefined) {
        this.endBatch({ snapshot: target, atMs: page.atMs });
        return;
      }
      position = { base: position.base, target, tx: last.tx, id: last.id };
      this.position = position;
    }
  }

  private endBatch(moment: LogMoment): void {
    this.position = { base: moment.snapshot, target: undefined, tx: '0', id: '0' };
    for (const callback of this.joining.splice(0)) callback(moment);
  }

  private async pause(ms: number): Promise<void> {
    if (ms <= 0 || this.stopped) return;
    await new Promise((resolve) => setTimeout(resolve, ms));
  }

  private async untilWoken(): Promise<void> {
    while (!this.stopped && (!this.woken || this.idle)) {
      this.woken = false;
      let timer: NodeJS.Timeout | undefined;
      const timedOut = await new Promise<boolean>((resolve) => {
        this.wakeUp = () => resolve(false);
        if (!this.idle) timer = setTimeout(() => resolve(true), FLOOR_MS);
      });
      clearTimeout(timer);
      this.wakeUp = undefined;
      if (timedOut) return;
    }
  }
}
