import { describe, expect, it } from '@jest/globals';
import { routeProblems } from './check-routes.js';
import type { Route } from './route.js';

const route = (steps: string[][], more: Partial<Route> = {}): Route => ({
  tenantId: undefined,
  lane: undefined,
  senderDomain: undefined,
  recipientDomain: undefined,
  steps: steps.map((step) => step.map((provider) => ({ provider, weight: 1 }))),
  ...more,
});
const known = new Set(['a', 'b']);
const problems = (...routes: Route[]): string[] =>
  routeProblems(routes, known).map(({ kind, path }) => `${kind} at ${path.join('.')}`);

describe('routeProblems', () => {
  it('has nothing to say about routes to providers there are, each for other mail', () => {
    expect(problems(route([['a', 'b']]), route([['a'], ['b']], { lane: 'OTP' }))).toEqual([]);
  });

  it('finds providers that are not there, or twice in one route', () => {
    expect(problems(route([['a', 'x'], ['a']]))).toEqual([
      'unknown provider at routes.0.steps.0.providers.1.provider',
      'provider twice at routes.0.steps.1.providers.0.provider',
    ]);
  });

  it('finds a second route for the same mail', () => {
    expect(problems(route([['a']], { lane: 'OTP' }), route([['b']], { lane: 'OTP' }))).toEqual([
      'same mail at routes.1',
    ]);
  });
});
