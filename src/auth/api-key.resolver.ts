import { Args, Mutation, Query, Resolver } from '@nestjs/graphql';
import { decodeId, encodeId } from '../domain/opaque-id.js';
import type { Principal } from '../domain/principal.js';
import { PageArgs } from '../graphql/page.args.js';
import { paginate } from '../graphql/paginate.js';
import { topError } from '../graphql/postern-error.js';
import { toUserError } from '../graphql/user-error.type.js';
import { CreateApiKeyPayload, RevokeApiKeyPayload } from './api-key-payload.type.js';
import { CreateApiKeyInput, RevokeApiKeyInput } from './api-key.input.js';
import type { ApiKeyEntity } from './api-key.entity.js';
import { ApiKeyRepository } from './api-key.repository.js';
import { ApiKeyConnection, ApiKeyType, toApiKey } from './api-key.type.js';
import { ApiKeys } from './api-keys.js';
import { CurrentPrincipal } from './current-principal.decorator.js';
import { RequireAnyScope, RequireScope } from './require-scope.decorator.js';
import { ViewerType, toTenant } from './viewer.type.js';

@Resolver(() => ApiKeyType)
export class ApiKeyResolver {
  constructor(
    private readonly service: ApiKeys,
    private readonly repository: ApiKeyRepository,
  ) {}

  @RequireAnyScope()
  @Query(() => ViewerType, { description: 'Who is asking: the tenant and the key. Any scope will do.' })
  async viewer(@CurrentPrincipal() principal: Principal): Promise<ViewerType> {
    const [tenant, key] = await Promise.all([
      this.repository.tenant(principal.tenantId),
      this.repository.byId(principal.tenantId, principal.keyId),
    ]);
    if (tenant === null || key === null) throw topError('UNAUTHENTICATED');
    return { tenant: toTenant(tenant), key: toApiKey(key) };
  }

  @RequireScope('ADMIN')
  @Query(() => ApiKeyConnection, { description: 'API keys of your tenant, newest first, revoked ones too.' })
  apiKeys(@CurrentPrincipal() principal: Principal, @Args() page: PageArgs): Promise<ApiKeyConnection> {
    return paginate<ApiKeyEntity, string, ApiKeyType>(page, {
      fetch: (window) => this.repository.list(principal.tenantId, window),
      keyOf: (row) => row.id,
      encode: (id) => Buffer.from(encodeId('key', id)).toString('base64url'),
      decode: (cursor) => decodeId('key', Buffer.from(cursor, 'base64url').toString()),
      toNode: toApiKey,
    });
  }

  @RequireScope('ADMIN')
  @Mutation(() => CreateApiKeyPayload, { description: 'Makes an API key. Its secret is shown once.' })
  async createApiKey(
    @CurrentPrincipal() principal: Principal,
    @Args('input', { description: 'The key to make.' }) input: CreateApiKeyInput,
  ): Promise<CreateApiKeyPayload> {
    const { name, mode, scopes, expiresAt } = input;
    const made = await this.service.create(principal, { name, mode, scopes, expiresAt: expiresAt ?? undefined });
    if ('errors' in made) return { apiKey: null, secret: null, userErrors: made.errors.map(toUserError) };
    return { apiKey: toApiKey(made.key), secret: made.secret, userErrors: [] };
  }

  @RequireScope('ADMIN')
  @Mutation(() => RevokeApiKeyPayload, {
    description: 'Revokes an API key. Within a second it is refused everywhere and its open sockets are closed.',
  })
  async revokeApiKey(
    @CurrentPrincipal() principal: Principal,
    @Args('input', { description: 'The key to revoke.' }) input: RevokeApiKeyInput,
  ): Promise<RevokeApiKeyPayload> {
    const revoked = await this.service.revoke(principal, input.id);
    if ('errors' in revoked) return { apiKey: null, userErrors: revoked.errors.map(toUserError) };
    return { apiKey: toApiKey(revoked.key), userErrors: [] };
  }
}
