import { Field, Float, Int, ObjectType } from '@nestjs/graphql';
import type { Lane } from '../../domain/lane.js';
import { DateTime } from '../../graphql/date-time.scalar.js';
import { LaneEnum } from '../../graphql/enums/lane.enum.js';
import { UserErrorType } from '../../graphql/user-error.type.js';
import type { LaneRow } from './lane.repository.js';

@ObjectType('LaneState', { description: 'A lane as it stands, over all tenants.' })
export class LaneStateType {
  @Field(() => LaneEnum, { description: 'Which lane.' })
  lane: Lane;

  @Field(() => Boolean, { description: 'An operator has paused it: mail is accepted and waits.' })
  isPaused: boolean;

  @Field(() => String, { nullable: true, description: 'Why it is paused, as the operator put it.' })
  pauseReason: string | null;

  @Field(() => DateTime, { nullable: true, description: 'Since when it is paused.' })
  pausedAt: Date | null;

  @Field(() => Int, { description: 'Recipients that still have something to be done, scheduled ones too.' })
  depth: number;

  @Field(() => Float, { description: 'Seconds the oldest due recipient has been due: the number to watch.' })
  oldestAgeSeconds: number;
}

@ObjectType('PauseLanePayload', { description: 'What pauseLane did.' })
export class PauseLanePayload {
  @Field(() => LaneStateType, { nullable: true, description: 'The lane; null when there are errors.' })
  lane: LaneStateType | null;

  @Field(() => [UserErrorType], { description: 'What is wrong with the input; empty when it was done.' })
  userErrors: UserErrorType[];
}

@ObjectType('ResumeLanePayload', { description: 'What resumeLane did.' })
export class ResumeLanePayload {
  @Field(() => LaneStateType, { nullable: true, description: 'The lane.' })
  lane: LaneStateType | null;

  @Field(() => [UserErrorType], { description: 'What is wrong with the input; empty when it was done.' })
  userErrors: UserErrorType[];
}

export function toLaneState({ lane, pausedAt, reason, depth, oldestAgeSeconds }: LaneRow): LaneStateType {
  return { lane, isPaused: pausedAt !== null, pauseReason: reason, pausedAt, depth, oldestAgeSeconds };
}
