import { type Config, configSchema } from '../../../src/config/config.js';
import { Pools } from '../../../src/database/pools.js';
import { Sealer } from '../../../src/database/sealer.js';
import { Signals } from '../../../src/database/signals.js';
import { ProviderChanges } from '../../../src/sending/providers/administration/provider-changes.js';
import { ProviderResolver } from '../../../src/sending/providers/administration/provider.resolver.js';
import { RouteChanges } from '../../../src/sending/providers/administration/route-changes.js';
import { RouteResolver } from '../../../src/sending/providers/administration/route.resolver.js';
import { configuredProviders } from '../../../src/sending/providers/configured-providers.js';
import { ProviderDirectory } from '../../../src/sending/providers/provider-directory.js';
import { ProviderRepository } from '../../../src/sending/providers/provider.repository.js';

/** What one process knows of providers, and lets operators do with them. */
export interface ProvidersProcess {
  readonly pools: Pools;
  readonly signals: Signals;
  readonly directory: ProviderDirectory;
  readonly providers: ProviderResolver;
  readonly routes: RouteResolver;
  close(): Promise<void>;
}

export async function openProcess(url: string, settings: Partial<Config> = {}): Promise<ProvidersProcess> {
  const config: Config = { ...configSchema.parse({}), ...settings };
  const configured = configuredProviders(config);
  const pools = new Pools(url, config);
  const signals = new Signals(url);
  const sealer = new Sealer(config);
  const repository = new ProviderRepository(pools);
  const directory = new ProviderDirectory(configured, repository, sealer, signals);
  const changes = new ProviderChanges(pools, repository, directory, sealer, signals, configured);
  const routeChanges = new RouteChanges(pools, repository, directory, signals, configured);
  await signals.onModuleInit();
  await directory.onModuleInit();
  return {
    pools,
    signals,
    directory,
    providers: new ProviderResolver(directory, changes),
    routes: new RouteResolver(repository, routeChanges, configured),
    async close() {
      await directory.onApplicationShutdown();
      await signals.close();
      await pools.close();
    },
  };
}
