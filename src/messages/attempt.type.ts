import { Field, Int, ObjectType } from '@nestjs/graphql';
import type { AttemptOutcome } from '../domain/attempt-outcome.js';
import { DateTime } from '../graphql/date-time.scalar.js';
import { HandOverStageEnum } from '../graphql/enums/hand-over-stage.enum.js';
import { AttemptOutcomeEnum } from './attempt-outcome.enum.js';
import type { AttemptRow } from './recipient.entity.js';

@ObjectType('Attempt', { description: 'One conversation with a provider about one recipient.' })
export class AttemptType {
  @Field(() => Int, { description: 'Number of the attempt, from 1.' })
  attempt: number;

  @Field(() => AttemptOutcomeEnum, { description: 'How it ended.' })
  outcome: AttemptOutcome;

  @Field(() => String, {
    nullable: true,
    description: 'Name of the provider; null when none was configured, or the worker vanished before it could tell.',
  })
  provider: string | null;

  @Field(() => HandOverStageEnum, { nullable: true, description: 'How far it got, when the message was not taken.' })
  stage: keyof typeof HandOverStageEnum | null;

  @Field(() => Int, { nullable: true, description: 'SMTP reply code; null when there was no reply.' })
  smtpCode: number | null;

  @Field(() => String, { nullable: true, description: 'Enhanced status code (RFC 3463), such as 5.1.1.' })
  enhancedCode: string | null;

  @Field(() => String, { nullable: true, description: 'Text of the reply, at most 500 characters.' })
  reply: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'The name the provider gave the mail; its own logs and news carry it.',
  })
  providerMessageId: string | null;

  @Field(() => DateTime, { description: 'When it began; of a lost attempt, when that was found out.' })
  startedAt: Date;

  @Field(() => DateTime, { description: 'When it ended; of a lost attempt, when that was found out.' })
  finishedAt: Date;
}

export function toAttempt(row: AttemptRow): AttemptType {
  const { attempt, provider, smtpCode, enhancedCode, reply, providerMessageId, startedAt, finishedAt } = row;
  return {
    attempt,
    // Both columns are written from these very unions.
    outcome: row.outcome as AttemptOutcome,
    stage: row.stage as keyof typeof HandOverStageEnum | null,
    provider,
    smtpCode,
    enhancedCode,
    reply,
    providerMessageId,
    startedAt,
    finishedAt,
  };
}
