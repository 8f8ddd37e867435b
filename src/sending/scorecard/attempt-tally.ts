import type { Lane } from '../../domain/lane.js';
import { LATENCY_STEPS, latencyStep } from '../../domain/latency-histogram.js';
import { replyKey } from '../../domain/reply-key.js';
import type { SmtpReply } from '../transports/transport.js';

/** A provider in a lane at a time of the database. */
export interface Place {
  readonly provider: string;
  readonly lane: Lane;
  readonly at: Date;
}

/** An attempt as the scorecard sees it. */
export interface CountedAttempt extends Place {
  readonly verdict: 'ACCEPTED' | 'DEFERRED' | 'BOUNCED' | 'REJECTED' | 'IN_DOUBT';
  readonly reply: SmtpReply | undefined;
  readonly durationMs: number;
}

/** What became of the attempts of one minute. */
export interface MinuteCounts {
  readonly provider: string;
  readonly lane: Lane;
  readonly minute: Date;
  accepted: number;
  deferred: number;
  refused: number;
  inDoubt: number;
  fallbacks: number;
  /** By the steps of the latency histogram. */
  readonly latency: number[];
  /** By replyKey. */
  readonly replies: Map<string, number>;
}

type Counter = 'accepted' | 'deferred' | 'refused' | 'inDoubt';

const COUNTERS: Readonly<Record<CountedAttempt['verdict'], Counter>> = {
  ACCEPTED: 'accepted',
  DEFERRED: 'deferred',
  BOUNCED: 'refused',
  REJECTED: 'refused',
  IN_DOUBT: 'inDoubt',
};

const MINUTE_MS = 60_000;

/**
 * Counts attempts by provider, lane and minute until somebody takes the counts away. Stays small: without
 * the database, which takes them, nothing is claimed and so nothing is counted.
 */
export class AttemptTally {
  private minutes = new Map<string, MinuteCounts>();

  attempted(attempt: CountedAttempt): void {
    const counts = this.counts(attempt);
    counts[COUNTERS[attempt.verdict]] += 1;
    const step = latencyStep(attempt.durationMs);
    counts.latency[step] = (counts.latency[step] ?? 0) + 1;
    const reply = replyKey(attempt.reply);
    counts.replies.set(reply, (counts.replies.get(reply) ?? 0) + 1);
  }

  fellBack(place: Place): void {
    this.counts(place).fallbacks += 1;
  }

  /** Everything counted so far; counting begins anew. */
  take(): MinuteCounts[] {
    const taken = [...this.minutes.values()];
    this.minutes = new Map();
    return taken;
  }

  private counts({ provider, lane, at }: Place): MinuteCounts {
    const minute = Math.floor(at.getTime() / MINUTE_MS) * MINUTE_MS;
    const key = `${provider}/${lane}/${minute}`;
    const known = this.minutes.get(key);
    if (known !== undefined) return known;
    const latency = Array.from({ length: LATENCY_STEPS }, () => 0);
    const none = { accepted: 0, deferred: 0, refused: 0, inDoubt: 0, fallbacks: 0 };
    const counts = { provider, lane, minute: new Date(minute), ...none, latency, replies: new Map<string, number>() };
    this.minutes.set(key, counts);
    return counts;
  }
}
