import { Module } from '@nestjs/common';
import { EventsModule } from '../../events/events.module.js';
import { IdentitiesModule } from '../../identities/identities.module.js';
import { MessagesModule } from '../../messages/messages.module.js';
import { PacingModule } from '../pacing/pacing.module.js';
import { ProvidersModule } from '../providers/providers.module.js';
import { ScorecardModule } from '../scorecard/scorecard.module.js';
import { TransportsModule } from '../transports/transports.module.js';
import { DeliveryMetrics } from './delivery-metrics.js';
import { DeliveryWorker } from './delivery-worker.js';
import { HandOver } from './hand-over.js';
import { JobLoader } from './job-loader.js';
import { JobRecaller } from './job-recaller.js';
import { LaneRunners } from './lane-runners.js';
import { LeaseKeeper } from './lease-keeper.js';
import { MessageDeliverer } from './message-deliverer.js';
import { OutcomeWriter } from './outcome-writer.js';
import { QueueObserver } from './queue-observer.js';
import { QueueSweeper } from './queue-sweeper.js';
import { SendJobRepository } from './send-job.repository.js';
import { WayFinder } from './way-finder.js';
import { WayTaker } from './way-taker.js';

/** Everything a worker runs: claims, hand-overs, outcomes, and the sweeper behind them. */
@Module({
  imports: [
    EventsModule,
    IdentitiesModule,
    MessagesModule,
    ProvidersModule,
    TransportsModule,
    PacingModule,
    ScorecardModule,
  ],
  providers: [
    SendJobRepository,
    LeaseKeeper,
    OutcomeWriter,
    DeliveryMetrics,
    JobLoader,
    WayFinder,
    HandOver,
    WayTaker,
    MessageDeliverer,
    LaneRunners,
    JobRecaller,
    DeliveryWorker,
    QueueObserver,
    QueueSweeper,
  ],
})
export class DeliveryModule {}
