import { Controller, Get } from '@nestjs/common';
import { HealthCheck, type HealthCheckResult, HealthCheckService } from '@nestjs/terminus';
import { PublicRoute } from '../telemetry/public-route.decorator.js';
import { Readiness } from './readiness.js';

@PublicRoute()
@Controller()
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly readiness: Readiness,
  ) {}

  /** Answers as long as the process can: a restart would not mend anything else. */
  @Get('livez')
  @HealthCheck()
  live(): Promise<HealthCheckResult> {
    return this.health.check([]);
  }

  /** Whether requests, or work, should come here now. */
  @Get('readyz')
  @HealthCheck()
  ready(): Promise<HealthCheckResult> {
    return this.health.check(this.readiness.toServe());
  }

  /** Answers once everything stands: the server listens only then. */
  @Get('startupz')
  @HealthCheck()
  started(): Promise<HealthCheckResult> {
    return this.health.check(this.readiness.toStart());
  }
}
