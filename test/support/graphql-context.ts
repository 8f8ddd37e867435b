import type { Principal } from '../../src/domain/principal.js';
import type { GraphqlContext } from '../../src/graphql/request-context.js';

/** What a resolver is given with an operation of this principal. */
export function contextFor(principal: Principal, changes: Partial<GraphqlContext> = {}): GraphqlContext {
  return {
    requestId: 'r',
    principal,
    idempotencyKey: undefined,
    transport: 'http',
    loaders: new Map(),
    ...changes,
  };
}
