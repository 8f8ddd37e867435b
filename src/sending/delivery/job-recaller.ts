import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { PeriodicTask } from '../../database/periodic-task.js';
import { Signals } from '../../database/signals.js';
import { LANES, type Lane } from '../../domain/lane.js';
import { type PaceState, currentRate } from '../../domain/pace.js';
import { reasonOf } from '../../telemetry/reason-of.js';
import type { IdleWay } from '../pacing/connections.js';
import { Pacer } from '../pacing/pacer.js';
import { Paces } from '../pacing/paces.js';
import { ProviderDirectory } from '../providers/provider-directory.js';
import { ANY_ROUTE, SendJobRepository } from './send-job.repository.js';

const TICK_MS = 250;
/** Called back in one go where no rate limits it; the rest follows with the next tick. */
const MOST_AT_ONCE = 2000;
/** A little more than can go, so that nothing stands idle. */
const AHEAD = 1.2;

/** Work for so long is called back to idle connections: with one tick's, every other tick found them busy and the next idle. */
const IDLE_FOR_MS = 1000;

interface Course {
  readonly on: string;
  readonly lane: Lane;
}

/**
 * Calls back what waits for a provider or a site as soon as that is free again, as fast as it may go.
 * Without this it would come back only when it was told to look again, which can be minutes later.
 */
@Injectable()
export class JobRecaller implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(JobRecaller.name);
  private known = new Map<string, PaceState>();
  private readonly courses = new Map<string, Course>();
  private stopListening: (() => void) | undefined;
  private readonly task = new PeriodicTask(
    TICK_MS,
    () => this.recallAll(),
    (error) => this.logger.debug({ msg: 'nothing was called back', reason: reasonOf(error) }),
  );

  constructor(
    private readonly paces: Paces,
    private readonly jobs: SendJobRepository,
    private readonly signals: Signals,
    private readonly directory: ProviderDirectory,
    private readonly pacer: Pacer,
  ) {}

  onApplicationBootstrap(): void {
    this.paces.onRefresh(() => this.compare());
    this.stopListening = this.directory.onChange(() => this.beginRoutes());
    this.task.start();
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopListening?.();
    await this.task.stop();
  }

  /** What was shut or slow and is not any more, or is less so. */
  private compare(): void {
    const now = new Map([...this.paces.all()].map(([key, { state }]) => [key, state]));
    for (const [key, before] of this.known) {
      const after = now.get(key);
      if (before.kind !== 'FLOWING' && (after === undefined || after.kind === 'FLOWING')) this.begin(key);
      else if (before.rate !== undefined && after === undefined) this.begin(key);
    }
    this.known = now;
  }

  private begin(key: string): void {
    const [kind, provider = '', rest = ''] = key.split('/');
    const lanes = kind === 'lane' ? LANES.filter((lane) => lane === rest) : LANES;
    for (const lane of lanes) this.courses.set(`${key} ${lane}`, { on: kind === 'lane' ? provider : rest, lane });
  }

  /** What waited for a provider and a route looks whether there is one. */
  private beginRoutes(): void {
    for (const lane of LANES) this.courses.set(`route ${lane}`, { on: ANY_ROUTE, lane });
  }

  private async recallAll(): Promise<void> {
    for (const [name, course] of this.courses) await this.recall(name, course);
    for (const way of this.pacer.idleWays()) await this.recallFor(way);
  }

  /** Connections stand idle: what was put back for them was put back for too long. */
  private async recallFor(way: IdleWay): Promise<void> {
    const most = mostOf(way.perSecond, IDLE_FOR_MS);
    const recalled = await this.jobs.recall(way.lane, way.on, most);
    if (recalled < most) this.pacer.calledBack(way);
    if (recalled > 0) this.signals.publish('jobs', way.lane);
  }

  private async recall(name: string, { on, lane }: Course): Promise<void> {
    const state = this.known.get(name.slice(0, name.lastIndexOf(' ')));
    if (state !== undefined && state.kind !== 'FLOWING') return void this.courses.delete(name);
    const rate = state === undefined ? undefined : currentRate(state, this.paces.nowMs());
    const most = mostOf(rate ?? Infinity, TICK_MS);
    const recalled = await this.jobs.recall(lane, on, most);
    if (recalled < most) this.courses.delete(name);
    if (recalled > 0) this.signals.publish('jobs', lane);
  }
}

function mostOf(perSecond: number, forMs: number): number {
  return Math.min(MOST_AT_ONCE, Math.max(1, Math.ceil(((perSecond * forMs) / 1000) * AHEAD)));
}
