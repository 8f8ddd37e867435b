import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import { LANES, type Lane } from '../../domain/lane.js';
import { LanePauses } from '../pacing/lane-pauses.js';
import { Pacer } from '../pacing/pacer.js';
import { FairClaimer } from './fair-claimer.js';
import { LaneRunner } from './lane-runner.js';
import { MessageDeliverer } from './message-deliverer.js';
import { Precedence } from './precedence.js';
import { SendJobRepository } from './send-job.repository.js';

/** One runner per lane, each with the slots its setting gives it. */
@Injectable()
export class LaneRunners {
  private readonly runners: ReadonlyMap<Lane, LaneRunner>;

  constructor(
    jobs: SendJobRepository,
    private readonly deliverer: MessageDeliverer,
    pauses: LanePauses,
    pacer: Pacer,
    @Inject(CONFIG) config: Config,
  ) {
    const slots: Record<Lane, number> = {
      OTP: config.slotsOtp,
      TRANSACTIONAL: config.slotsTransactional,
      NOTIFICATION: config.slotsNotification,
      BULK: config.slotsBulk,
    };
    const precedence = new Precedence();
    this.runners = new Map(
      LANES.map((lane) => [
        lane,
        new LaneRunner(
          lane,
          slots[lane],
          new FairClaimer(lane, jobs, () => pacer.standsBackMs(lane)),
          deliverer,
          () => pauses.isPaused(lane),
          precedence,
        ),
      ]),
    );
    pauses.onChange(() => this.wake(undefined));
  }

  start(): void {
    for (const runner of this.runners.values()) runner.start();
  }

  /** The lane of that name, or every lane when none is named. */
  wake(lane: string | undefined): void {
    for (const [name, runner] of this.runners) if (lane === undefined || lane === name) runner.wake();
  }

  /** Ends claiming and gives back what was not started; hand-overs go on: see idle(). */
  async stop(): Promise<void> {
    await Promise.all([...this.runners.values()].map((runner) => runner.stop()));
    this.deliverer.stop();
  }

  async idle(): Promise<void> {
    await Promise.all([...this.runners.values()].map((runner) => runner.idle()));
  }
}
