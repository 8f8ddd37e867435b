import { Field, ID, ObjectType } from '@nestjs/graphql';
import { encodeId } from '../domain/opaque-id.js';
import type { KeyMode, Scope } from '../domain/principal.js';
import { Connection, Edge } from '../graphql/connection.js';
import { DateTime } from '../graphql/date-time.scalar.js';
import { KeyModeEnum } from '../graphql/enums/key-mode.enum.js';
import { ScopeEnum } from '../graphql/enums/scope.enum.js';
import type { ApiKeyEntity } from './api-key.entity.js';

@ObjectType('ApiKey', { description: 'A credential of your tenant. The secret itself is not kept anywhere.' })
export class ApiKeyType {
  @Field(() => ID, { description: 'Opaque id of the key; not the secret.' })
  id: string;

  @Field(() => String, { description: 'The name it was given.' })
  name: string;

  @Field(() => KeyModeEnum, { description: 'Whether mail sent with it leaves the service.' })
  mode: KeyMode;

  @Field(() => [ScopeEnum], { description: 'What it may do.' })
  scopes: readonly Scope[];

  @Field(() => String, { description: 'How the secret begins, to know it by.' })
  hint: string;

  @Field(() => DateTime, { description: 'When it was made.' })
  createdAt: Date;

  @Field(() => DateTime, { nullable: true, description: 'From when on it is refused; null means never.' })
  expiresAt: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When it was revoked.' })
  revokedAt: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When it was last used, to the minute.' })
  lastUsedAt: Date | null;
}

@ObjectType('ApiKeyEdge', { description: 'An API key in a list.' })
class ApiKeyEdge extends Edge(() => ApiKeyType) {}

@ObjectType('ApiKeyConnection', { description: 'A page of API keys, newest first.' })
export class ApiKeyConnection extends Connection(
  () => ApiKeyType,
  () => ApiKeyEdge,
) {}

export function toApiKey(row: ApiKeyEntity): ApiKeyType {
  return {
    id: encodeId('key', row.id),
    name: row.name,
    mode: row.mode,
    scopes: row.scopes,
    hint: row.hint,
    createdAt: row.createdAt,
    expiresAt: row.expiresAt,
    revokedAt: row.revokedAt,
    lastUsedAt: row.lastUsedAt,
  };
}
