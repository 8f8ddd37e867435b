import { Field, ID, InputType } from '@nestjs/graphql';
import { IsDate, IsIn, IsString } from 'class-validator';
import { DateTime } from '../../graphql/date-time.scalar.js';
import { type Resolution, RESOLUTIONS } from './resolution.js';
import { ResolutionEnum } from './resolution.enum.js';

@InputType('CancelMessageInput', { description: 'A message that is not to be sent.' })
export class CancelMessageInput {
  @IsString()
  @Field(() => ID, { description: 'Id of the message.' })
  id: string;
}

@InputType('RescheduleMessageInput', { description: 'A message to be sent at another time.' })
export class RescheduleMessageInput {
  @IsString()
  @Field(() => ID, { description: 'Id of the message.' })
  id: string;

  @IsDate()
  @Field(() => DateTime, {
    description: 'The new time, before the message expires; now or just past sends it at once.',
  })
  sendAt: Date;
}

@InputType('ReleaseMessageInput', { description: 'A held message that may be sent.' })
export class ReleaseMessageInput {
  @IsString()
  @Field(() => ID, { description: 'Id of the message.' })
  id: string;
}

@InputType('ResolveInDoubtInput', { description: 'An answer to the question whether a mail was taken.' })
export class ResolveInDoubtInput {
  @IsString()
  @Field(() => ID, { description: 'Id of the recipient.' })
  recipientId: string;

  @IsIn(RESOLUTIONS)
  @Field(() => ResolutionEnum, { description: 'What is known, or what to do.' })
  resolution: Resolution;
}
