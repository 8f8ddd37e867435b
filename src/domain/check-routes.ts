import { matchKey, type Route } from './route.js';

/** What is wrong with a list of routes, and where in it. */
export interface RouteProblem {
  readonly kind: 'unknown provider' | 'provider twice' | 'same mail';
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** Everything that a list of routes, each well formed by itself, must not be. */
export function routeProblems(routes: readonly Route[], providers: ReadonlySet<string>): RouteProblem[] {
  const seen = new Map<string, number>();
  return routes.flatMap((route, i) => {
    const problems = stepProblems(route, i, providers);
    const key = matchKey(route);
    const same = seen.get(key);
    seen.set(key, i);
    if (same === undefined) return problems;
    const message = `must not be for the same mail as route ${same}: it would never be taken.`;
    return [{ kind: 'same mail' as const, path: ['routes', i], message }, ...problems];
  });
}

function stepProblems(route: Route, i: number, providers: ReadonlySet<string>): RouteProblem[] {
  const seen = new Set<string>();
  return route.steps.flatMap((step, j) =>
    step.flatMap(({ provider }, k): RouteProblem[] => {
      const path = ['routes', i, 'steps', j, 'providers', k, 'provider'];
      const twice = seen.has(provider);
      seen.add(provider);
      if (!providers.has(provider))
        return [{ kind: 'unknown provider', path, message: 'must be a provider there is.' }];
      if (!twice) return [];
      return [{ kind: 'provider twice', path, message: 'must not be in the same route twice.' }];
    }),
  );
}
