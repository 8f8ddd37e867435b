import { type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ApiKeyAuthenticator } from '../../../src/auth/api-key-authenticator.js';
import { ApiKeyRepository } from '../../../src/auth/api-key.repository.js';
import { ApiKeyResolver } from '../../../src/auth/api-key.resolver.js';
import { ApiKeys } from '../../../src/auth/api-keys.js';
import { AuthModule } from '../../../src/auth/auth.module.js';
import { FirstKey } from '../../../src/auth/first-key.js';
import { KeyUsage } from '../../../src/auth/key-usage.js';
import { ConfigModule } from '../../../src/config/config.module.js';
import { loadConfig } from '../../../src/config/load-config.js';
import { DatabaseModule } from '../../../src/database/database.module.js';
import { Pools } from '../../../src/database/pools.js';

/** The auth module of one process, on a database that others may share. */
export interface AuthReplica {
  readonly pools: Pools;
  readonly authenticator: ApiKeyAuthenticator;
  readonly repository: ApiKeyRepository;
  readonly keys: ApiKeys;
  readonly firstKey: FirstKey;
  readonly resolver: ApiKeyResolver;
  readonly usage: KeyUsage;
  close(): Promise<void>;
}

export async function openAuthReplica(url: string, env: Record<string, string> = {}): Promise<AuthReplica> {
  @Module({ imports: [ConfigModule.of(loadConfig(env)), DatabaseModule.of(url), AuthModule] })
  class ReplicaModule {}
  const app: INestApplicationContext = await NestFactory.createApplicationContext(ReplicaModule, {
    logger: false,
    abortOnError: false,
  });
  return {
    pools: app.get(Pools, { strict: false }),
    authenticator: app.get(ApiKeyAuthenticator, { strict: false }),
    repository: app.get(ApiKeyRepository, { strict: false }),
    keys: app.get(ApiKeys, { strict: false }),
    firstKey: app.get(FirstKey, { strict: false }),
    resolver: app.get(ApiKeyResolver, { strict: false }),
    usage: app.get(KeyUsage, { strict: false }),
    close: () => app.close(),
  };
}
