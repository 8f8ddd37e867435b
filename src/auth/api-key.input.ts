import { Field, ID, InputType } from '@nestjs/graphql';
import type { KeyMode, Scope } from '../domain/principal.js';
import { DateTime } from '../graphql/date-time.scalar.js';
import { KeyModeEnum } from '../graphql/enums/key-mode.enum.js';
import { ScopeEnum } from '../graphql/enums/scope.enum.js';

@InputType({ description: 'The API key to make.' })
export class CreateApiKeyInput {
  @Field(() => String, { description: 'A name to know it by, at most 100 characters.' })
  name: string;

  @Field(() => KeyModeEnum, { description: 'Whether mail sent with it leaves the service.' })
  mode: KeyMode;

  @Field(() => [ScopeEnum], { description: 'What it may do, at least one thing.' })
  scopes: Scope[];

  @Field(() => DateTime, { nullable: true, description: 'From when on it is refused. Default: never.' })
  expiresAt?: Date | null;
}

@InputType({ description: 'The API key to revoke.' })
export class RevokeApiKeyInput {
  @Field(() => ID, { description: 'Id of the key, not its secret. A key cannot revoke itself.' })
  id: string;
}
