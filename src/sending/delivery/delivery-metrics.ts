import { Injectable } from '@nestjs/common';
import { Counter } from 'prom-client';
import type { Lane } from '../../domain/lane.js';
import { Metrics } from '../../telemetry/metrics.js';
import type { HandOverResult } from '../transports/transport.js';
import type { ClaimedJob } from './claimed-job.js';

interface FinishedAttempt {
  readonly job: ClaimedJob;
  readonly outcome: HandOverResult['outcome'];
  readonly provider: string;
  /** When the message was to be sent: its acceptance, or the time asked for. */
  readonly dueAt: Date;
  readonly finishedAt: Date;
}

/** The delivery side's numbers. */
@Injectable()
export class DeliveryMetrics {
  private readonly lost: Counter;
  private readonly stuck: Counter;

  constructor(private readonly metrics: Metrics) {
    const registers = [metrics.registry];
    this.lost = new Counter({
      name: 'postern_leases_lost_total',
      help: 'Outcomes that could not be recorded because another worker had taken the job over.',
      registers,
    });
    this.stuck = new Counter({
      name: 'postern_recipients_requeued_total',
      help: 'Recipients the sweeper found waiting without a due action. Must stay 0.',
      registers,
    });
  }

  attempted({ job, outcome, provider, dueAt, finishedAt }: FinishedAttempt): void {
    const { lane } = job;
    this.metrics.attempts.inc({ outcome, lane, provider });
    if (job.attempt === 1) this.metrics.pickup.observe(seconds(dueAt, job.claimedAt));
    if (outcome === 'accepted') this.metrics.deliveryLatency.observe({ lane }, seconds(dueAt, finishedAt));
  }

  queue(lane: Lane, depth: number, oldestSeconds: number): void {
    this.metrics.queueDepth.set({ lane }, depth);
    this.metrics.queueOldestAge.set({ lane }, oldestSeconds);
  }

  leaseLost(): void {
    this.lost.inc();
  }

  requeued(recipients: number): void {
    this.stuck.inc(recipients);
  }
}

function seconds(from: Date, to: Date): number {
  return Math.max(0, to.getTime() - from.getTime()) / 1000;
}
