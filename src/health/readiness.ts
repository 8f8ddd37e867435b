import { Inject, Injectable } from '@nestjs/common';
import type { HealthIndicatorResult } from '@nestjs/terminus';
import { CONFIG, type Config } from '../config/config.js';
import { DatabaseIndicator } from './database.indicator.js';
import { ProcessIndicator } from './process.indicator.js';
import { QueueIndicator } from './queue.indicator.js';

/** A probe waits a second or so; a database that hangs must not make it wait longer. */
const ANSWER_WITHIN_MS = 2000;

/** One thing to look at; what is wrong is in the answer, never an exception. */
type Check = () => HealthIndicatorResult | Promise<HealthIndicatorResult>;

/** What has to hold for requests, or work, to come here. */
@Injectable()
export class Readiness {
  constructor(
    private readonly process: ProcessIndicator,
    private readonly database: DatabaseIndicator,
    private readonly queue: QueueIndicator,
    @Inject(CONFIG) private readonly config: Pick<Config, 'role'>,
  ) {}

  toStart(): Check[] {
    return [() => inTime('database', this.database.check())];
  }

  toServe(): Check[] {
    const delivers = this.config.role !== 'api';
    const queue: Check = () => inTime('queue', this.queue.check());
    return [() => this.process.check(), ...this.toStart(), ...(delivers ? [queue] : [])];
  }

  async isReady(): Promise<boolean> {
    const results = await Promise.all(this.toServe().map(async (check) => check()));
    return results.every((result) => Object.values(result).every(({ status }) => status === 'up'));
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
