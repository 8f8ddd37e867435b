import { Module } from '@nestjs/common';
import { CONFIG } from '../../config/config.js';
import { CONFIGURED_PROVIDERS, configuredProviders } from './configured-providers.js';
import { ProviderDirectory } from './provider-directory.js';
import { ProviderRepository } from './provider.repository.js';

/** The providers and routes there are, for whoever accepts and whoever delivers. */
@Module({
  providers: [
    { provide: CONFIGURED_PROVIDERS, useFactory: configuredProviders, inject: [CONFIG] },
    ProviderRepository,
    ProviderDirectory,
  ],
  exports: [CONFIGURED_PROVIDERS, ProviderRepository, ProviderDirectory],
})
export class ProvidersModule {}
