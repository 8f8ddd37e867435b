import { Injectable } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { Metrics } from '../telemetry/metrics.js';
import { Readiness } from './readiness.js';

/** Readiness for whoever reads metrics only; looked at when it is read. */
@Injectable()
export class ReadyGauge {
  constructor(metrics: Metrics, readiness: Readiness) {
    new Gauge({
      name: 'postern_ready',
      help: '1 while /readyz says so, else 0.',
      registers: [metrics.registry],
      async collect() {
        this.set((await readiness.isReady()) ? 1 : 0);
      },
    });
  }
}
