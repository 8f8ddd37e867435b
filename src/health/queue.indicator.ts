import { Inject, Injectable } from '@nestjs/common';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import { CONFIG, type Config } from '../config/config.js';
import { Pools } from '../database/pools.js';
import { OLDEST_DUE_JOB } from './oldest-due-job.sql.js';

/** A worker whose due jobs grow old is not doing its work, whatever the reason. */
@Injectable()
export class QueueIndicator {
  constructor(
    private readonly pools: Pools,
    private readonly health: HealthIndicatorService,
    @Inject(CONFIG) private readonly config: Pick<Config, 'readyQueueAgeMs'>,
  ) {}

  async check(): Promise<HealthIndicatorResult> {
    const indicator = this.health.check('queue');
    try {
      const { rows } = await this.pools.queue.query<{ age_ms: number | null }>(OLDEST_DUE_JOB);
      const oldestDueMs = Math.round(rows[0]?.age_ms ?? 0);
      return oldestDueMs > this.config.readyQueueAgeMs
        ? indicator.down({ message: 'jobs have been due for too long', oldestDueMs })
        : indicator.up({ oldestDueMs });
    } catch {
      return indicator.down({ message: 'unknown: the database does not answer' });
    }
  }
}
