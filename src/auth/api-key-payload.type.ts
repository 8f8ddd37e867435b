import { Field, ObjectType } from '@nestjs/graphql';
import { UserErrorType } from '../graphql/user-error.type.js';
import { ApiKeyType } from './api-key.type.js';

@ObjectType({ description: 'The key that was made, or why none was.' })
export class CreateApiKeyPayload {
  @Field(() => ApiKeyType, { nullable: true, description: 'The key; null when it was refused.' })
  apiKey: ApiKeyType | null;

  @Field(() => String, {
    nullable: true,
    description: 'The secret to send as `authorization: Bearer …`. Shown only here, only now.',
  })
  secret: string | null;

  @Field(() => [UserErrorType], { description: 'Why it was refused; empty when it was not.' })
  userErrors: UserErrorType[];
}

@ObjectType({ description: 'The key that was revoked, or why none was.' })
export class RevokeApiKeyPayload {
  @Field(() => ApiKeyType, { nullable: true, description: 'The key; null when it was refused.' })
  apiKey: ApiKeyType | null;

  @Field(() => [UserErrorType], { description: 'Why it was refused; empty when it was not.' })
  userErrors: UserErrorType[];
}
