import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import { Signals } from '../../database/signals.js';
import { Transports } from '../transports/transports.js';
import { LaneRunners } from './lane-runners.js';
import { LeaseKeeper } from './lease-keeper.js';
import { OutcomeWriter } from './outcome-writer.js';

/** Starts the lanes, wakes them on news, and stops them without losing or doubling anything. */
@Injectable()
export class DeliveryWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private stopListening: (() => void) | undefined;

  constructor(
    private readonly lanes: LaneRunners,
    private readonly writer: OutcomeWriter,
    private readonly leases: LeaseKeeper,
    private readonly transports: Transports,
    private readonly signals: Signals,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  onApplicationBootstrap(): void {
    this.stopListening = this.signals.on('jobs', (lane) => this.lanes.wake(lane));
    this.lanes.start();
  }

  /** Stop claiming, give back what was not started, finish what is in flight, record it, close sockets. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopListening?.();
    await this.lanes.stop();
    await withDeadline(this.finishInFlight(), this.config.shutdownTimeoutMs);
    this.writer.giveUp();
    this.leases.stop();
    await withDeadline(this.transports.close(), 2000);
  }

  private async finishInFlight(): Promise<void> {
    await this.lanes.idle();
    await this.writer.drained();
  }
}

async function withDeadline(work: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, deadline]);
  clearTimeout(timer);
}
