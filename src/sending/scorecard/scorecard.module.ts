import { Module } from '@nestjs/common';
import { PacingModule } from '../pacing/pacing.module.js';
import { ProvidersModule } from '../providers/providers.module.js';
import { BreakerGauge } from './breaker-gauge.js';
import { HistorySweeper } from './history-sweeper.js';
import { ProviderChangeRepository } from './provider-change.repository.js';
import { ProviderMinuteRepository } from './provider-minute.repository.js';
import { ScorecardMetrics } from './scorecard-metrics.js';
import { Scorekeeper } from './scorekeeper.js';

/** How providers fare, as workers count it. */
@Module({
  imports: [PacingModule, ProvidersModule],
  providers: [
    ProviderMinuteRepository,
    ProviderChangeRepository,
    ScorecardMetrics,
    Scorekeeper,
    HistorySweeper,
    BreakerGauge,
  ],
  exports: [Scorekeeper],
})
export class ScorecardModule {}
