import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { breakerOf } from '../../domain/breaker.js';
import { LANES } from '../../domain/lane.js';
import { laneKey } from '../pacing/pace-key.js';
import { Paces } from '../pacing/paces.js';
import { ProviderDirectory } from '../providers/provider-directory.js';
import { ScorecardMetrics } from './scorecard-metrics.js';

/** Publishes the breaker of every provider in every lane, whenever what is known of them was read again. */
@Injectable()
export class BreakerGauge implements OnApplicationBootstrap {
  constructor(
    private readonly paces: Paces,
    private readonly directory: ProviderDirectory,
    private readonly metrics: ScorecardMetrics,
  ) {}

  onApplicationBootstrap(): void {
    this.paces.onRefresh(() => this.publish());
    this.publish();
  }

  private publish(): void {
    const now = this.paces.nowMs();
    const providers = this.directory.providers();
    this.metrics.breaking(
      providers.flatMap(({ name: provider }) =>
        LANES.map((lane) => {
          const { state } = breakerOf(this.paces.state(laneKey({ provider, lane })), now);
          return { provider, lane, state };
        }),
      ),
    );
  }
}
