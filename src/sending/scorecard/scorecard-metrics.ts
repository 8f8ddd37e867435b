import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Histogram } from 'prom-client';
import { BREAKER_STATES, type BreakerState } from '../../domain/breaker.js';
import { LANES, type Lane } from '../../domain/lane.js';
import { replyKind } from '../../domain/reply-key.js';
import type { StoredWaiting } from '../../domain/waiting-for.js';
import { Metrics } from '../../telemetry/metrics.js';
import type { CountedAttempt, Place } from './attempt-tally.js';

/** A hand-over: from a relay next door to the longest wait for a final reply. */
const HAND_OVER_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

const OUTCOMES = ['accepted', 'deferred', 'refused', 'in_doubt'] as const;

/** How providers fare, as numbers of a worker. Labels name what is configured, never a site, domain or tenant. */
@Injectable()
export class ScorecardMetrics {
  private readonly handover: Histogram;
  private readonly replies: Counter;
  private readonly fallbacks: Counter;
  private readonly parkings: Counter;
  private readonly breakers: Gauge;
  private readonly begun = new Set<string>();

  constructor(private readonly metrics: Metrics) {
    const registers = [metrics.registry];
    this.handover = new Histogram({
      name: 'postern_provider_handover_seconds',
      help: 'From the beginning of an attempt to its end, whatever came of it.',
      labelNames: ['provider', 'lane'],
      buckets: HAND_OVER_SECONDS,
      registers,
    });
    this.replies = new Counter({
      name: 'postern_provider_replies_total',
      help: 'Attempts by the kind of reply: 2xx, 4xx, 5xx, none.',
      labelNames: ['provider', 'class'],
      registers,
    });
    this.fallbacks = new Counter({
      name: 'postern_fallbacks_total',
      help: 'Messages a provider could not take, so that the next of their route was asked.',
      labelNames: ['provider', 'lane'],
      registers,
    });
    this.parkings = new Counter({
      name: 'postern_parked_total',
      help: 'Times a message was put back because no way could take it.',
      labelNames: ['lane', 'waiting_for'],
      registers,
    });
    this.breakers = new Gauge({
      name: 'postern_breaker_state',
      help: 'How a provider may be used: 0 flowing, 1 slowed, 2 probing, 3 open.',
      labelNames: ['provider', 'lane'],
      registers,
    });
  }

  attempted({ provider, lane, reply, durationMs }: CountedAttempt): void {
    this.handover.observe({ provider, lane }, durationMs / 1000);
    this.replies.inc({ provider, class: replyKind(reply) });
  }

  fellBack({ provider, lane }: Place): void {
    this.fallbacks.inc({ provider, lane });
  }

  parked(lane: Lane, waitingFor: StoredWaiting): void {
    this.parkings.inc({ lane, waiting_for: waitingFor });
  }

  /** The breakers of all providers there are; others are forgotten. */
  breaking(states: readonly { readonly provider: string; readonly lane: Lane; readonly state: BreakerState }[]): void {
    this.breakers.reset();
    for (const { provider, lane, state } of states) {
      this.begin(provider);
      this.breakers.set({ provider, lane }, BREAKER_STATES.indexOf(state));
    }
  }

  /** A counter that begins above 0 hides its first event from increase(): the one an alert waits for. */
  private begin(provider: string): void {
    if (this.begun.has(provider)) return;
    this.begun.add(provider);
    for (const lane of LANES) {
      this.fallbacks.inc({ provider, lane }, 0);
      for (const outcome of OUTCOMES) this.metrics.attempts.inc({ outcome, lane, provider }, 0);
    }
  }
}
