import { Injectable } from '@nestjs/common';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import { Draining } from './draining.js';

/** Where this process is in its own life. */
@Injectable()
export class ProcessIndicator {
  constructor(
    private readonly draining: Draining,
    private readonly health: HealthIndicatorService,
  ) {}

  check(): HealthIndicatorResult {
    const indicator = this.health.check('process');
    return this.draining.isDraining ? indicator.down({ message: 'is being stopped' }) : indicator.up();
  }
}
