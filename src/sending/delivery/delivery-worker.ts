import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import { Signals } from '../../database/signals.js';
import { LANES, type Lane } from '../../domain/lane.js';
import { Transports } from '../transports/transports.js';
import { FairClaimer } from './fair-claimer.js';
import { LaneRunner } from './lane-runner.js';
import { LeaseKeeper } from './lease-keeper.js';
import { MessageDeliverer } from './message-deliverer.js';
import { OutcomeWriter } from './outcome-writer.js';
import { SendJobRepository } from './send-job.repository.js';

/** Starts one runner per lane, wakes them on news, and stops them without losing or doubling anything. */
@Injectable()
export class DeliveryWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly runners: ReadonlyMap<Lane, LaneRunner>;
  private stopListening: (() => void) | undefined;

  constructor(
    jobs: SendJobRepository,
    deliverer: MessageDeliverer,
    private readonly writer: OutcomeWriter,
    private readonly leases: LeaseKeeper,
    private readonly transports: Transports,
    private readonly signals: Signals,
    @Inject(CONFIG) private readonly config: Config,
  ) {
    const slots: Record<Lane, number> = {
      OTP: config.slotsOtp,
      TRANSACTIONAL: config.slotsTransactional,
      NOTIFICATION: config.slotsNotification,
      BULK: config.slotsBulk,
    };
    this.runners = new Map(
      LANES.map((lane) => [lane, new LaneRunner(lane, slots[lane], new FairClaimer(lane, jobs), deliverer)]),
    );
  }

  onApplicationBootstrap(): void {
    this.stopListening = this.signals.on('jobs', (lane) => this.wake(lane));
    for (const runner of this.runners.values()) runner.start();
  }

  /** Stop claiming, give back what was not started, finish what is in flight, record it, close sockets. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopListening?.();
    await Promise.all([...this.runners.values()].map((runner) => runner.stop()));
    await withDeadline(this.finishInFlight(), this.config.shutdownTimeoutMs);
    this.writer.giveUp();
    this.leases.stop();
    await withDeadline(this.transports.close(), 2000);
  }

  private wake(lane: string | undefined): void {
    for (const [name, runner] of this.runners) if (lane === undefined || lane === name) runner.wake();
  }

  private async finishInFlight(): Promise<void> {
    await Promise.all([...this.runners.values()].map((runner) => runner.idle()));
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
