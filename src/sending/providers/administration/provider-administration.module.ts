import { Module } from '@nestjs/common';
import { ProvidersModule } from '../providers.module.js';
import { ProviderChanges } from './provider-changes.js';
import { ProviderResolver } from './provider.resolver.js';
import { RouteChanges } from './route-changes.js';
import { RouteResolver } from './route.resolver.js';

/** What the api offers to operators: to see providers and routes, and to change them. */
@Module({
  imports: [ProvidersModule],
  providers: [ProviderChanges, RouteChanges, ProviderResolver, RouteResolver],
})
export class ProviderAdministrationModule {}
