import { Field, Float, Int, ObjectType } from '@nestjs/graphql';
import type { BreakerState } from '../../domain/breaker.js';
import type { Lane } from '../../domain/lane.js';
import { latencyPercentile } from '../../domain/latency-histogram.js';
import { DateTime } from '../../graphql/date-time.scalar.js';
import { defineEnum } from '../../graphql/define-enum.js';
import { LaneEnum } from '../../graphql/enums/lane.enum.js';
import type { CountSums, MinuteRange } from './provider-minute.repository.js';
import type { Scorecard } from './scorecard-reader.js';

const BreakerStateEnum = defineEnum<BreakerState>('BreakerState', 'Whether mail goes through a provider.', {
  FLOWING: 'As fast as it goes.',
  SLOWED: 'At a limited rate that grows: it has just come back, or has asked for less.',
  PROBING: 'None; somebody is looking whether it answers again.',
  OPEN: 'None: it does not answer, or has asked for a pause.',
});

@ObjectType({ isAbstract: true })
class AttemptCounts {
  @Field(() => Int, { description: 'Attempts to hand a message over for one recipient.' })
  attempts: number;

  @Field(() => Int, { description: 'Attempts after which the provider had the mail.' })
  accepted: number;

  @Field(() => Int, { description: 'Attempts that certainly failed, but may succeed later or elsewhere.' })
  deferred: number;

  @Field(() => Int, { description: 'Attempts that failed for good: bounced or rejected.' })
  refused: number;

  @Field(() => Int, { description: 'Attempts after which nobody knew whether the provider had the mail.' })
  inDoubt: number;

  @Field(() => Int, {
    description:
      'Times it could not take a message, so that the next provider of the route was asked; also without an attempt, while its breaker is open.',
  })
  fallbacks: number;

  @Field(() => Float, {
    nullable: true,
    description: 'Milliseconds that half of the attempts did not exceed, estimated; null without attempts.',
  })
  latencyP50Ms: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Milliseconds that 95 of 100 attempts did not exceed, estimated; null without attempts.',
  })
  latencyP95Ms: number | null;
}

@ObjectType('ReplyShare', { description: 'How often a provider gave a reply.' })
class ReplyShareType {
  @Field(() => String, {
    description:
      'The code, with the enhanced code where it was no success: 250, 450 4.2.2. "none": there was no reply; "other": one of the rare ones.',
  })
  reply: string;

  @Field(() => Int, { description: 'Attempts that ended with it.' })
  count: number;

  @Field(() => Float, { description: 'Their share of all attempts, 0 to 1.' })
  share: number;
}

@ObjectType('LaneBreaker', { description: 'The breaker of a provider in a lane, as it stands now.' })
class LaneBreakerType {
  @Field(() => LaneEnum, { description: 'The lane.' })
  lane: Lane;

  @Field(() => BreakerStateEnum, { description: 'Whether mail goes.' })
  state: BreakerState;

  @Field(() => Float, { nullable: true, description: 'Messages a second that may go just now; only while SLOWED.' })
  perSecond: number | null;

  @Field(() => DateTime, {
    nullable: true,
    description: 'When somebody looks whether it answers (OPEN), or is given up looking (PROBING).',
  })
  until: Date | null;
}

@ObjectType('ScorecardMinute', { description: 'What became of the attempts that ended within one minute.' })
export class ScorecardMinuteType extends AttemptCounts {
  @Field(() => DateTime, { description: 'When the minute begins.' })
  at: Date;
}

@ObjectType('ProviderScorecard', { description: 'How a provider fares, over all tenants and replicas.' })
export class ProviderScorecardType extends AttemptCounts {
  readonly range: MinuteRange;

  @Field(() => String, { description: 'Name of the provider.' })
  provider: string;

  @Field(() => LaneEnum, { nullable: true, description: 'The lane that was asked for; null: all of them.' })
  lane: Lane | null;

  @Field(() => DateTime, { description: 'Attempts that ended from this minute on.' })
  since: Date;

  @Field(() => DateTime, { description: 'Attempts that ended before this minute.' })
  until: Date;

  @Field(() => Float, { nullable: true, description: 'accepted / attempts, 0 to 1; null without attempts.' })
  successRate: number | null;

  @Field(() => Float, { nullable: true, description: 'deferred / attempts, 0 to 1; null without attempts.' })
  deferralRate: number | null;

  @Field(() => [ReplyShareType], {
    description: 'What it replied, the most frequent first; of each minute the 20 most frequent are told apart.',
  })
  replies: ReplyShareType[];

  @Field(() => [LaneBreakerType], { description: 'Its breakers as they stand now.' })
  breakers: LaneBreakerType[];
}

export function toProviderScorecard(card: Scorecard, lane: Lane | undefined): ProviderScorecardType {
  const { range, totals, replies, breakers } = card;
  const counts = toCounts(totals);
  const share = (count: number): number | null => (counts.attempts === 0 ? null : count / counts.attempts);
  return {
    ...counts,
    range,
    provider: range.provider,
    lane: lane ?? null,
    since: range.since,
    until: range.until,
    successRate: share(counts.accepted),
    deferralRate: share(counts.deferred),
    replies: replies.map(({ reply, count }) => ({ reply, count, share: share(count) ?? 0 })),
    breakers: breakers.map(({ perSecond, untilMs, ...breaker }) => ({
      ...breaker,
      perSecond: perSecond ?? null,
      until: untilMs === undefined ? null : new Date(untilMs),
    })),
  };
}

export function toScorecardMinute({ at, ...sums }: CountSums & { readonly at: Date }): ScorecardMinuteType {
  return { at, ...toCounts(sums) };
}

function toCounts({ latency, ...counts }: CountSums): Omit<ScorecardMinuteType, 'at'> {
  return {
    ...counts,
    attempts: counts.accepted + counts.deferred + counts.refused + counts.inDoubt,
    latencyP50Ms: latencyPercentile(latency, 0.5) ?? null,
    latencyP95Ms: latencyPercentile(latency, 0.95) ?? null,
  };
}
