import { Module } from '@nestjs/common';
import { PaceRepository } from '../pacing/pace.repository.js';
import { ProviderChangeRepository } from './provider-change.repository.js';
import { ProviderMinuteRepository } from './provider-minute.repository.js';
import { ScorecardReader } from './scorecard-reader.js';
import { ScorecardResolver } from './scorecard.resolver.js';

/** What the api shows of it. */
@Module({
  providers: [ProviderMinuteRepository, ProviderChangeRepository, PaceRepository, ScorecardReader, ScorecardResolver],
})
export class ScorecardViewModule {}
