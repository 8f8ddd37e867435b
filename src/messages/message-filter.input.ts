import { Field, InputType } from '@nestjs/graphql';
import type { Lane } from '../domain/lane.js';
import type { RecipientStatus } from '../domain/recipient-status.js';
import { DateTime } from '../graphql/date-time.scalar.js';
import { LaneEnum } from '../graphql/enums/lane.enum.js';
import { RecipientStatusEnum } from '../graphql/enums/recipient-status.enum.js';

@InputType('MessageFilter', { description: 'Which messages to list; all given conditions apply.' })
export class MessageFilterInput {
  @Field(() => RecipientStatusEnum, { nullable: true, description: 'At least one recipient has this status.' })
  status?: RecipientStatus | null;

  @Field(() => LaneEnum, { nullable: true, description: 'Travels in this lane.' })
  lane?: Lane | null;

  @Field(() => String, { nullable: true, description: 'Carries this tag.' })
  tag?: string | null;

  @Field(() => String, { nullable: true, description: 'Goes to this address, as to, cc or bcc.' })
  recipient?: string | null;

  @Field(() => DateTime, { nullable: true, description: 'Accepted at this time or later.' })
  acceptedAfter?: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'Accepted before this time.' })
  acceptedBefore?: Date | null;
}
