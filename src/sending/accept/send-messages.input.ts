import { Field, InputType } from '@nestjs/graphql';
import { IsArray, IsBoolean, IsOptional } from 'class-validator';
import { SendMessageInput } from './send-message.input.js';

@InputType('SendMessagesInput', { description: 'Messages to be sent, each with its own recipients and content.' })
export class SendMessagesInput {
  // Checked one by one: a message that is not valid does not keep the others from being sent.
  @IsArray()
  @Field(() => [SendMessageInput], { description: 'The messages, at most 500.' })
  messages: SendMessageInput[];

  @IsOptional()
  @IsBoolean()
  @Field(() => Boolean, {
    nullable: true,
    description: 'Accept all of them or none. Default: each is accepted or refused on its own.',
  })
  atomic?: boolean | null;
}
