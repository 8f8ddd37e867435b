import { Global, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CONFIG } from '../config/config.js';
import { Pools } from '../database/pools.js';
import { RequestAuthenticator } from '../graphql/request-authenticator.js';
import { ApiKeyAuthenticator } from './api-key-authenticator.js';
import { API_KEY_PEPPER, loadApiKeyPepper } from './api-key-pepper.js';
import { ApiKeyEntity } from './api-key.entity.js';
import { ApiKeyRepository } from './api-key.repository.js';
import { ApiKeyResolver } from './api-key.resolver.js';
import { ApiKeys } from './api-keys.js';
import { AuthGuard } from './auth.guard.js';
import { FirstKey } from './first-key.js';
import { KeyUsage } from './key-usage.js';
import { TenantEntity } from './tenant.entity.js';

/** Who is calling and what they may do. Another way to prove it joins as a further RequestAuthenticator. */
@Global()
@Module({
  imports: [TypeOrmModule.forFeature([TenantEntity, ApiKeyEntity])],
  providers: [
    { provide: API_KEY_PEPPER, useFactory: loadApiKeyPepper, inject: [CONFIG, Pools] },
    { provide: RequestAuthenticator, useExisting: ApiKeyAuthenticator },
    { provide: APP_GUARD, useClass: AuthGuard },
    ApiKeyRepository,
    ApiKeyAuthenticator,
    KeyUsage,
    ApiKeys,
    FirstKey,
    ApiKeyResolver,
  ],
  exports: [RequestAuthenticator, FirstKey],
})
export class AuthModule {}
