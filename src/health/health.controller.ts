import { Controller, Get, Inject } from '@nestjs/common';
import { HealthCheck, type HealthCheckResult, HealthCheckService, type HealthIndicatorResult } from '@nestjs/terminus';
import { CONFIG, type Config } from '../config/config.js';
import { PublicRoute } from '../telemetry/public-route.decorator.js';
import { DatabaseIndicator } from './database.indicator.js';
import { ProcessIndicator } from './process.indicator.js';
import { QueueIndicator } from './queue.indicator.js';

/** A probe waits a second or so; a database that hangs must not make it wait longer. */
const ANSWER_WITHIN_MS = 2000;

@PublicRoute()
@Controller()
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly process: ProcessIndicator,
    private readonly database: DatabaseIndicator,
    private readonly queue: QueueIndicator,
    @Inject(CONFIG) private readonly config: Pick<Config, 'role'>,
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
    const delivers = this.config.role !== 'api';
    return this.health.check([
      () => this.process.check(),
      () => inTime('database', this.database.check()),
      ...(delivers ? [() => inTime('queue', this.queue.check())] : []),
    ]);
  }

  /** Answers once everything stands: the server listens only then. */
  @Get('startupz')
  @HealthCheck()
  started(): Promise<HealthCheckResult> {
    return this.health.check([() => inTime('database', this.database.check())]);
  }
}

async function inTime(name: string, check: Promise<HealthIndicatorResult>): Promise<HealthIndicatorResult> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<HealthIndicatorResult>((resolve) => {
    const message = `no answer within ${ANSWER_WITHIN_MS} ms`;
    timer = setTimeout(() => resolve({ [name]: { status: 'down', message } }), ANSWER_WITHIN_MS);
  });
  try {
    return await Promise.race([check, late]);
  } finally {
    clearTimeout(timer);
  }
}
