import { Field, InputType } from '@nestjs/graphql';
import { IsString } from 'class-validator';
import type { Lane } from '../../domain/lane.js';
import { LaneEnum } from '../../graphql/enums/lane.enum.js';

@InputType({ description: 'Which lane to pause, and why.' })
export class PauseLaneInput {
  @Field(() => LaneEnum, { description: 'The lane.' })
  lane: Lane;

  @IsString()
  @Field(() => String, { description: 'Why, for those who wonder where their mail is; at most 200 characters.' })
  reason: string;
}

@InputType({ description: 'Which lane to resume.' })
export class ResumeLaneInput {
  @Field(() => LaneEnum, { description: 'The lane.' })
  lane: Lane;
}
