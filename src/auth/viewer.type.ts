import { Field, ID, ObjectType } from '@nestjs/graphql';
import { encodeId } from '../domain/opaque-id.js';
import { ApiKeyType } from './api-key.type.js';
import type { TenantEntity } from './tenant.entity.js';

@ObjectType('Tenant', { description: 'Whose messages, keys and events are kept apart from everyone else’s.' })
export class TenantType {
  @Field(() => ID, { description: 'Opaque id of the tenant.' })
  id: string;

  @Field(() => String, { description: 'Its name.' })
  name: string;
}

@ObjectType('Viewer', { description: 'Who is asking.' })
export class ViewerType {
  @Field(() => TenantType, { description: 'The tenant the key belongs to.' })
  tenant: TenantType;

  @Field(() => ApiKeyType, { description: 'The key that was sent.' })
  key: ApiKeyType;
}

export function toTenant(row: TenantEntity): TenantType {
  return { id: encodeId('tnt', row.id), name: row.name };
}
