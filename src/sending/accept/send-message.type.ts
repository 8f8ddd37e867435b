import { Field, Int, ObjectType } from '@nestjs/graphql';
import { Cursor } from '../../graphql/cursor.scalar.js';
import { UserErrorType } from '../../graphql/user-error.type.js';
import { MessageType } from '../../messages/message.type.js';

@ObjectType('SendMessagePayload', { description: 'What became of a message to be sent.' })
export class SendMessagePayload {
  @Field(() => MessageType, { nullable: true, description: 'The accepted message: it is on disk. Null when refused.' })
  message: MessageType | null;

  @Field(() => Boolean, { description: 'True when an earlier request with the same idempotency key had accepted it.' })
  replayed: boolean;

  @Field(() => Cursor, {
    nullable: true,
    description: 'Subscribe to events after this cursor to see everything that happens to the message.',
  })
  cursor: string | null;

  @Field(() => [UserErrorType], { description: 'Why it was refused; empty when it was accepted.' })
  userErrors: UserErrorType[];
}

@ObjectType('SendMessagesResult', { description: 'What became of one message of a batch.' })
export class SendMessagesResult {
  @Field(() => Int, { description: 'Its place in the input, from 0.' })
  index: number;

  @Field(() => MessageType, { nullable: true, description: 'The accepted message: it is on disk. Null when refused.' })
  message: MessageType | null;

  @Field(() => Boolean, { description: 'True when the same message had been accepted before under the same key.' })
  replayed: boolean;

  @Field(() => [UserErrorType], { description: 'Why it was refused; paths are inside this message.' })
  userErrors: UserErrorType[];
}

@ObjectType('SendMessagesPayload', { description: 'What became of a batch.' })
export class SendMessagesPayload {
  @Field(() => [SendMessagesResult], { description: 'One for each message, in the order of the input.' })
  results: SendMessagesResult[];

  @Field(() => Cursor, {
    nullable: true,
    description: 'Subscribe to events after this cursor to see everything that happens to these messages.',
  })
  cursor: string | null;

  @Field(() => [UserErrorType], { description: 'Why the batch as a whole was refused.' })
  userErrors: UserErrorType[];
}
