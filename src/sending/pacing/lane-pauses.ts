import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Pools } from '../../database/pools.js';
import { Signals } from '../../database/signals.js';
import { LANES, type Lane, laneOf } from '../../domain/lane.js';

/** The floor under lost signals. */
const REFRESH_MS = 2000;

/** Which lanes an operator has paused, as this process knows it. */
@Injectable()
export class LanePauses implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(LanePauses.name);
  /** Undefined until it has been read: what is not known to be allowed waits. */
  private paused: ReadonlySet<Lane> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private stopListening: (() => void) | undefined;
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly pools: Pools,
    private readonly signals: Signals,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.stopListening = this.signals.on('lanes', () => void this.refresh());
    this.timer = setInterval(() => void this.refresh(), REFRESH_MS);
    this.timer.unref();
    await this.refresh();
  }

  onApplicationShutdown(): void {
    this.stopListening?.();
    clearInterval(this.timer);
  }

  isPaused(lane: Lane): boolean {
    return this.paused === undefined || this.paused.has(lane);
  }

  /** Called when a lane was paused or resumed. */
  onChange(listener: () => void): void {
    this.listeners.add(listener);
  }

  private async refresh(): Promise<void> {
    try {
      const { rows } = await this.pools.queue.query<{ lane: number }>('select lane from lane_pause');
      const paused = new Set(rows.map((row) => laneOf(row.lane)));
      const changed = LANES.some((lane) => paused.has(lane) !== this.isPaused(lane));
      this.paused = paused;
      if (changed) for (const listener of this.listeners) listener();
    } catch (error) {
      this.logger.debug({ msg: 'pauses not read', reason: error instanceof Error ? error.message : '' });
    }
  }
}
