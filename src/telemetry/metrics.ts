import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** Acceptance and pick-up: from a local commit to a database in trouble. */
const QUICK_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
/** Delivery: from a quick relay to a day of retries. */
const SLOW_SECONDS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 1800, 7200, 28_800, 86_400];
/** Messages per commit. */
const GROUP_SIZES = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

/**
 * Every number the service publishes, in a registry of its own so that two applications in one
 * process (tests) do not meet. Labels hold no address, tenant or message: their number stays small.
 */
@Injectable()
export class Metrics implements OnApplicationShutdown {
  readonly registry = new Registry();

  readonly messagesAccepted = new Counter({
    name: 'postern_messages_accepted_total',
    help: 'Messages stored durably and acknowledged.',
    labelNames: ['lane', 'sandbox'],
    registers: [this.registry],
  });
  readonly messagesReplayed = new Counter({
    name: 'postern_messages_replayed_total',
    help: 'Requests answered with the message an idempotency key had made before.',
    registers: [this.registry],
  });
  readonly attempts = new Counter({
    name: 'postern_attempts_total',
    help: 'Attempts to hand a message over for one recipient.',
    labelNames: ['outcome', 'lane', 'provider'],
    registers: [this.registry],
  });
  readonly queueDepth = new Gauge({
    name: 'postern_queue_depth',
    help: 'Recipients that still have something to be done.',
    labelNames: ['lane'],
    registers: [this.registry],
  });
  readonly queueOldestAge = new Gauge({
    name: 'postern_queue_oldest_age_seconds',
    help: 'How long the oldest due job has been due.',
    labelNames: ['lane'],
    registers: [this.registry],
  });
  readonly acceptDuration = new Histogram({
    name: 'postern_accept_duration_seconds',
    help: 'From a valid input to its commit.',
    buckets: QUICK_SECONDS,
    registers: [this.registry],
  });
  readonly acceptGroupSize = new Histogram({
    name: 'postern_accept_group_size',
    help: 'Messages that shared one commit.',
    buckets: GROUP_SIZES,
    registers: [this.registry],
  });
  readonly deliveryLatency = new Histogram({
    name: 'postern_delivery_latency_seconds',
    help: 'From acceptance, or the time asked for, to the hand-over.',
    labelNames: ['lane'],
    buckets: SLOW_SECONDS,
    registers: [this.registry],
  });
  readonly pickup = new Histogram({
    name: 'postern_pickup_seconds',
    help: 'From the due time of a job to its claim.',
    buckets: QUICK_SECONDS,
    registers: [this.registry],
  });
  readonly domainsLost = new Counter({
    name: 'postern_sender_domains_lost_total',
    help: 'Sender domains that are no longer verified, as their DKIM record was gone for three days.',
    registers: [this.registry],
  });
  readonly unsignable = new Counter({
    name: 'postern_unsignable_total',
    help: 'Times a message was put off because no DKIM key of its sender domain could sign.',
    registers: [this.registry],
  });
  readonly events = new Counter({
    name: 'postern_events_total',
    help: 'Delivery events read from the log for subscribers.',
    registers: [this.registry],
  });
  readonly subscribers = new Gauge({
    name: 'postern_subscribers',
    help: 'Open subscriptions.',
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  onApplicationShutdown(): void {
    // The default metrics hold observers of the event loop and the garbage collector.
    this.registry.clear();
  }
}
