import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Pools } from '../../database/pools.js';
import { Refresher } from '../../database/refresher.js';
import { Signals } from '../../database/signals.js';
import { LANES, type Lane, laneOf } from '../../domain/lane.js';
import { reasonOf } from '../../telemetry/reason-of.js';

/** The floor under lost signals. */
const REFRESH_MS = 2000;

/** Which lanes an operator has paused, as this process knows it. */
@Injectable()
export class LanePauses implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(LanePauses.name);
  /** Undefined until it has been read: what is not known to be allowed waits. */
  private paused: ReadonlySet<Lane> | undefined;
  private readonly refresher: Refresher;
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly pools: Pools,
    signals: Signals,
  ) {
    this.refresher = new Refresher(
      { signals, topic: 'lanes', everyMs: REFRESH_MS },
      () => this.read(),
      (error) => this.logger.debug({ msg: 'pauses not read', reason: reasonOf(error) }),
    );
  }

  async onApplicationBootstrap(): Promise<void> {
    this.refresher.start();
    await this.refresher.refresh();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.refresher.stop();
  }

  isPaused(lane: Lane): boolean {
    return this.paused === undefined || this.paused.has(lane);
  }

  /** Called when a lane was paused or resumed. */
  onChange(listener: () => void): void {
    this.listeners.add(listener);
  }

  private async read(): Promise<void> {
    const { rows } = await this.pools.queue.query<{ lane: number }>('select lane from lane_pause');
    const paused = new Set(rows.map((row) => laneOf(row.lane)));
    const changed = LANES.some((lane) => paused.has(lane) !== this.isPaused(lane));
    this.paused = paused;
    if (changed) for (const listener of this.listeners) listener();
  }
}
