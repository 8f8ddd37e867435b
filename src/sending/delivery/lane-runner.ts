import { Logger } from '@nestjs/common';
import { isLostConnection } from '../../database/unknown-commit-outcome.js';
import type { Lane } from '../../domain/lane.js';
import { reasonOf } from '../../telemetry/reason-of.js';
import type { ClaimedJob } from './claimed-job.js';
import type { FairClaimer } from './fair-claimer.js';
import type { ReadyJob } from './job-loader.js';
import type { MessageDeliverer } from './message-deliverer.js';
import type { Precedence } from './precedence.js';
import { ReadyBuffer, STANDSTILL_MS } from './ready-buffer.js';

/** Longest sleep of an idle lane: the floor under lost wake-ups. */
const POLL_MS = 1000;
const ERROR_PAUSE_MS = 250;
const PREPARE_WITHIN_MS = 60_000;
/** Outcomes waiting for the database beyond which no more is claimed. */
const MOST_UNRECORDED = 512;
/** Jobs held for each slot: usually, and at most while a destination stands still. */
const HELD = 3;
const MOST_HELD = 6;
/** And so many besides, of tenants of which nothing waits here when mail is announced. */
const HELD_FOR_OTHERS = 1;
/** Before they are looked for: in a lane that is fast the next claim has come by then, and a look would only be in its way. */
const LOOK_AFTER_MS = 10;
/** Looks take a tenth of the time at most: with thousands of tenants each is some milliseconds of the database's. */
const LOOK_PAUSE = 9;

interface Room {
  readonly jobs: number;
  /** Only for tenants of which nothing waits here. */
  readonly forOthers: boolean;
}

const NO_ROOM: Room = { jobs: 0, forOthers: false };

/** Runs one lane: its own claims, its own slots, nothing shared with the other lanes. */
export class LaneRunner {
  private readonly logger = new Logger(LaneRunner.name);
  private readonly buffered: ReadyBuffer;
  private active = 0;
  private stopping = false;
  private failing = false;
  private woken = false;
  /** When to look for tenants that hold nothing, since mail was announced. */
  private lookMono = Infinity;
  private lookAgainMono = 0;
  private wakeSleeper: (() => void) | undefined;
  private loop: Promise<void> = Promise.resolve();

  constructor(
    private readonly lane: Lane,
    private readonly slots: number,
    private readonly claimer: FairClaimer,
    private readonly deliverer: MessageDeliverer,
    private readonly isPaused: () => boolean,
    private readonly precedence: Precedence,
  ) {
    this.buffered = new ReadyBuffer(slots);
  }

  start(): void {
    this.loop = this.run();
  }

  /** New work may be due: look now. */
  wake(): void {
    this.precedence.announced(this.lane, performance.now());
    this.claimer.invalidate();
    this.lookMono = Math.min(this.lookMono, performance.now() + LOOK_AFTER_MS);
    this.interrupt();
  }

  /** Ends claiming, and gives back what was claimed but not started. Hand-overs go on: see idle(). */
  async stop(): Promise<void> {
    this.stopping = true;
    this.interrupt();
    await this.loop;
    await this.giveBackBuffered();
  }

  /** Resolves when no hand-over of the lane is under way. */
  async idle(): Promise<void> {
    while (this.active > 0) await this.sleep(POLL_MS);
  }

  private async giveBackBuffered(): Promise<void> {
    const jobs = this.buffered.empty().map((ready) => ready.job);
    if (jobs.length > 0) await this.deliverer.giveBack(jobs);
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      if (this.isPaused()) await this.giveBackBuffered();
      this.fillSlots();
      const standBackMs = this.standBackMs();
      const room = this.room();
      if (room.jobs <= 0 || standBackMs > 0) {
        const longest = standBackMs > 0 ? standBackMs : this.buffered.size > 0 ? STANDSTILL_MS : POLL_MS;
        await this.sleep(Math.min(this.untilLookMs(), longest));
        continue;
      }
      try {
        await this.claimAndStart(room);
        this.tellFailing(undefined);
      } catch (error) {
        this.tellFailing(reasonOf(error));
        await this.sleep(ERROR_PAUSE_MS);
      }
    }
  }

  /** An outage is told when it begins and when it ends, not at every try. */
  private tellFailing(reason: string | undefined): void {
    const failing = reason !== undefined;
    if (failing === this.failing) return;
    this.failing = failing;
    if (failing) this.logger.error({ msg: 'claims fail and are tried again', lane: this.lane, reason });
    else this.logger.log({ msg: 'claims work again', lane: this.lane });
  }

  /**
   * Jobs held are at most three times the slots, and claimed at least a slots' worth and a half at a
   * time: the next ones are at hand when a slot falls free, the statements are shared by many, and a
   * killed worker leaves no more than that to be claimed again. What waits for a destination that stands
   * still does not count until it is as much again. Of a tenant that has nothing among them some is
   * claimed soon after it is announced, so that it does not wait for the hand-overs of others.
   */
  private room(): Room {
    if (this.isPaused() || this.deliverer.unrecorded > MOST_UNRECORDED) return NO_ROOM;
    const mono = performance.now();
    const held = this.active + this.buffered.moving(mono);
    const most = this.slots * MOST_HELD - this.active - this.buffered.size;
    if (held <= this.slots * (HELD / 2)) return { jobs: Math.min(this.slots * HELD - held, most), forOthers: false };
    if (mono < this.lookMono || mono < this.lookAgainMono) return NO_ROOM;
    return { jobs: Math.min(this.slots * (HELD + HELD_FOR_OTHERS) - held, most), forOthers: true };
  }

  /** Without end when it is due already: then it is room that it waits for. */
  private untilLookMs(): number {
    const ms = Math.max(this.lookMono, this.lookAgainMono) - performance.now();
    return ms > 0 ? ms : Infinity;
  }

  private async claimAndStart({ jobs: most, forOthers }: Room): Promise<void> {
    this.lookMono = Infinity;
    const askedMono = performance.now();
    const isMeant = (tenantId: string): boolean => !forOthers || !this.buffered.holds(tenantId);
    const { jobs, nextDueMs } = await this.claimer.claim(most, isMeant);
    const mono = performance.now();
    if (forOthers) this.lookAgainMono = mono + (mono - askedMono) * LOOK_PAUSE;
    if (jobs.length > 0) {
      this.buffered.push(await this.prepare(jobs));
      this.fillSlots();
      return;
    }
    if (this.active === 0) this.precedence.idle(this.lane);
    if (!forOthers) await this.sleep(Math.min(POLL_MS, Math.max(1, nextDueMs ?? POLL_MS)));
  }

  /** Waits for a database that is away: jobs cannot be given back to it either. */
  private async prepare(jobs: readonly ClaimedJob[]): Promise<readonly ReadyJob[]> {
    const until = performance.now() + PREPARE_WITHIN_MS;
    for (;;) {
      try {
        return await this.deliverer.prepare(jobs);
      } catch (error) {
        if (this.stopping || !isLostConnection(error) || performance.now() > until) {
          await this.deliverer.giveBack(jobs);
          throw error;
        }
        await this.sleep(ERROR_PAUSE_MS);
      }
    }
  }

  private standBackMs(): number {
    return this.precedence.standBackMs(this.lane, performance.now());
  }

  private fillSlots(): void {
    if (this.standBackMs() > 0) return;
    while (!this.stopping && !this.isPaused() && this.active < this.slots) {
      const next = this.buffered.begin((ready) => this.deliverer.isClogged(ready), performance.now());
      if (next === undefined) return;
      this.active += 1;
      void this.deliverer.deliver(next).finally(() => {
        this.active -= 1;
        this.buffered.end(next, performance.now());
        this.fillSlots();
        if (this.active === 0) this.precedence.idle(this.lane);
        this.interrupt();
      });
    }
  }

  private interrupt(): void {
    this.woken = true;
    this.wakeSleeper?.();
  }

  private async sleep(ms: number): Promise<void> {
    if (!this.woken) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.wakeSleeper = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.woken = false;
    this.wakeSleeper = undefined;
  }
}
