import { Field, ObjectType } from '@nestjs/graphql';
import { Cursor } from '../../graphql/cursor.scalar.js';
import { UserErrorType } from '../../graphql/user-error.type.js';
import { MessageType } from '../../messages/message.type.js';

@ObjectType({ isAbstract: true })
abstract class ChangedMessage {
  @Field(() => MessageType, { nullable: true, description: 'The message after the change; null when refused.' })
  message: MessageType | null;

  @Field(() => Cursor, {
    nullable: true,
    description: 'Subscribe to events after this cursor to see the change and what follows.',
  })
  cursor: string | null;

  @Field(() => [UserErrorType], { description: 'Why nothing was changed; empty when it was.' })
  userErrors: UserErrorType[];
}

@ObjectType('CancelMessagePayload', {
  description: 'What became of a cancellation. Recipients being sent to are not cancelled.',
})
export class CancelMessagePayload extends ChangedMessage {}

@ObjectType('RescheduleMessagePayload', {
  description: 'What became of a new time. Recipients being sent to keep theirs.',
})
export class RescheduleMessagePayload extends ChangedMessage {}

@ObjectType('ReleaseMessagePayload', { description: 'What became of a release.' })
export class ReleaseMessagePayload extends ChangedMessage {}

@ObjectType('ResolveInDoubtPayload', { description: 'What became of a doubt.' })
export class ResolveInDoubtPayload extends ChangedMessage {}
