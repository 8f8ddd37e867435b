import { describe, expect, it } from '@jest/globals';
import { REQUIRED_SCOPE } from '../../src/auth/require-scope.decorator.js';
import { SCOPES } from '../../src/domain/principal.js';
import { SCHEMA_RESOLVERS } from '../../src/schema-resolvers.js';

const ROOT_TYPES = new Set<unknown>(['Query', 'Mutation', 'Subscription']);

/** Every operation a client can ask for, with the scope it was given. */
function operations(): { name: string; scope: unknown }[] {
  return SCHEMA_RESOLVERS.flatMap((resolver) => {
    const prototype = resolver.prototype as Record<string, unknown>;
    return Object.getOwnPropertyNames(prototype).flatMap((method) => {
      const handler = prototype[method];
      if (typeof handler !== 'function') return [];
      if (!ROOT_TYPES.has(Reflect.getMetadata('graphql:resolver_type', handler))) return [];
      const scope: unknown = Reflect.getMetadata(REQUIRED_SCOPE, handler);
      return [{ name: `${resolver.name}.${method}`, scope }];
    });
  });
}

describe('scopes', () => {
  it('are found: the walk sees every root field', () => {
    expect(operations().length).toBeGreaterThanOrEqual(15);
  });

  it('are named for every query, mutation and subscription; the guard would refuse one without', () => {
    const known = new Set<unknown>([...SCOPES, 'ANY']);
    expect(operations().filter(({ scope }) => !known.has(scope))).toEqual([]);
  });
});
