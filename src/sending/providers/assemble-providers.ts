import type { Sealer } from '../../database/sealer.js';
import { compareRoutes, type Route } from '../../domain/route.js';
import type { ConfiguredProviders } from './configured-providers.js';
import type { BrokenProvider, Provider } from './provider.js';
import type { ProviderRow, RouteRow } from './provider.repository.js';
import { readStoredProvider, readStoredRoute } from './read-stored.js';

/** What there is at one moment. Every provider that a route names is among the providers. */
export interface AssembledProviders {
  readonly providers: ReadonlyMap<string, Provider>;
  readonly broken: readonly BrokenProvider[];
  /** The most specific first. */
  readonly routes: readonly Route[];
  /** Routes of the API that cannot be read, by their place in the list. */
  readonly brokenRoutes: readonly number[];
}

/** Puts the configured ones and the stored ones together. A stored one with the name of a configured one is not taken. */
export function assembleProviders(
  configured: ConfiguredProviders,
  stored: { readonly providers: readonly ProviderRow[]; readonly routes: readonly RouteRow[] },
  sealer: Sealer,
): AssembledProviders {
  const providers = new Map(configured.providers.map((provider) => [provider.name, provider]));
  const broken: BrokenProvider[] = [];
  for (const row of stored.providers) {
    if (providers.has(row.name)) continue;
    const provider = readStoredProvider(row, sealer);
    if ('problem' in provider) broken.push(provider);
    else providers.set(provider.name, provider);
  }
  const brokenRoutes: number[] = [];
  const made = stored.routes.flatMap((row, i) => {
    const route = routeOf(row);
    if (route === undefined) brokenRoutes.push(i);
    return route ?? [];
  });
  const last = configured.fallback === undefined ? [] : [configured.fallback];
  // Sorting is stable: of equally specific routes the first of this list is taken.
  const routes = [...configured.routes, ...made, ...last].map((route) => withKnown(route, providers));
  return { providers, broken, routes: routes.toSorted(compareRoutes), brokenRoutes };
}

function routeOf(row: RouteRow): Route | undefined {
  try {
    const read = readStoredRoute(row);
    return 'value' in read ? read.value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Without the providers that are not there: a configured one that was removed, a broken one. A route
 * that has none left goes on matching, so that its mail waits instead of going where it was not to go.
 */
function withKnown(route: Route, providers: ReadonlyMap<string, Provider>): Route {
  const steps = route.steps.map((step) => step.filter(({ provider }) => providers.has(provider)));
  return { ...route, steps: steps.filter((step) => step.length > 0) };
}
