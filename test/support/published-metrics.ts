import { NewsMetrics } from '../../src/feedback/news-metrics.js';
import type { Readiness } from '../../src/health/readiness.js';
import { ReadyGauge } from '../../src/health/ready-gauge.js';
import { DeliveryMetrics } from '../../src/sending/delivery/delivery-metrics.js';
import { ScorecardMetrics } from '../../src/sending/scorecard/scorecard-metrics.js';
import { Metrics } from '../../src/telemetry/metrics.js';

/** A metric as it is registered. */
export interface PublishedMetric {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly labelNames: readonly string[];
}

/** Every metric of ours that a process of the role `all` publishes, in the order of their making. */
export function publishedMetrics(): readonly PublishedMetric[] {
  const metrics = new Metrics();
  const readiness = { isReady: () => Promise.resolve(true) } as unknown as Readiness;
  new DeliveryMetrics(metrics);
  new ScorecardMetrics(metrics);
  new NewsMetrics(metrics);
  new ReadyGauge(metrics, readiness);
  const all = metrics.registry.getMetricsAsArray() as unknown as PublishedMetric[];
  const ours = all.filter(({ name }) => name.startsWith('postern_'));
  metrics.onApplicationShutdown();
  return ours;
}
