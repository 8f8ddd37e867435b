import { Injectable } from '@nestjs/common';
import { Counter } from 'prom-client';
import { Metrics } from '../telemetry/metrics.js';
import type { Recorded } from './news-recorder.js';

/** What became of the requests of providers. */
@Injectable()
export class NewsMetrics {
  private readonly requests: Counter;

  constructor({ registry }: Metrics) {
    this.requests = new Counter({
      name: 'postern_provider_news_total',
      help: 'Requests that tell news of a provider, by what became of them.',
      labelNames: ['provider', 'result'],
      registers: [registry],
    });
  }

  /** `ignored`: of a kind that is not kept. */
  news(provider: string, result: Recorded | 'ignored' | 'refused' | 'failed'): void {
    this.requests.inc({ provider, result });
  }
}
