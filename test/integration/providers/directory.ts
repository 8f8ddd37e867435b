import type { Config } from '../../../src/config/config.js';
import type { Pools } from '../../../src/database/pools.js';
import { Sealer } from '../../../src/database/sealer.js';
import type { Signals } from '../../../src/database/signals.js';
import { configuredProviders } from '../../../src/sending/providers/configured-providers.js';
import { ProviderDirectory } from '../../../src/sending/providers/provider-directory.js';
import { ProviderRepository } from '../../../src/sending/providers/provider.repository.js';

/** A directory of one process. Until it is initialised it knows the configured providers only. */
export function openDirectory(pools: Pools, signals: Signals, config: Config): ProviderDirectory {
  return new ProviderDirectory(configuredProviders(config), new ProviderRepository(pools), new Sealer(config), signals);
}
