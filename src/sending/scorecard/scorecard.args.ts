import { ArgsType, Field } from '@nestjs/graphql';
import type { Lane } from '../../domain/lane.js';
import { DateTime } from '../../graphql/date-time.scalar.js';
import { LaneEnum } from '../../graphql/enums/lane.enum.js';

@ArgsType()
export class ScorecardArgs {
  @Field(() => String, { description: 'Name of the provider.' })
  provider: string;

  @Field(() => LaneEnum, { nullable: true, description: 'Only this lane. Default: all of them.' })
  lane?: Lane | null;

  @Field(() => DateTime, { nullable: true, description: 'From when on. Default: an hour before until.' })
  since?: Date | null;

  @Field(() => DateTime, {
    nullable: true,
    description: 'Up to when; at most seven days after since. Default: now.',
  })
  until?: Date | null;
}
