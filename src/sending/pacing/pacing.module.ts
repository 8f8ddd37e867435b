import { Module } from '@nestjs/common';
import { TransportsModule } from '../transports/transports.module.js';
import { BucketSweeper } from './bucket-sweeper.js';
import { DailyQuota } from './daily-quota.js';
import { LanePauses } from './lane-pauses.js';
import { LiveWorkers } from './live-workers.js';
import { PaceLearner } from './pace-learner.js';
import { PaceRepository } from './pace.repository.js';
import { Pacer } from './pacer.js';
import { Paces } from './paces.js';
import { ProviderQuotas } from './provider-quotas.js';
import { ProviderProber } from './provider-prober.js';
import { RateTokens } from './rate-tokens.js';

/** How fast each way may be used: limits, breakers and rates that all replicas keep together. */
@Module({
  imports: [TransportsModule],
  providers: [
    PaceRepository,
    Paces,
    LiveWorkers,
    RateTokens,
    BucketSweeper,
    PaceLearner,
    Pacer,
    ProviderProber,
    DailyQuota,
    ProviderQuotas,
    LanePauses,
  ],
  exports: [Pacer, Paces, LanePauses],
})
export class PacingModule {}
