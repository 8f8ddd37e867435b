import type { ApolloServerPlugin } from '@apollo/server';
import {
  type DocumentNode,
  type FragmentSpreadNode,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  type SelectionSetNode,
} from 'graphql';
import type { HttpContext } from './http-context.js';
import { topError } from './postern-error.js';

/** graphql-js would execute a subscription as if it were a query. */
export const noSubscriptionsPlugin: ApolloServerPlugin = {
  requestDidStart: async () => ({
    didResolveOperation: async ({ operation }) => {
      if (operation?.operation !== OperationTypeNode.SUBSCRIPTION) return;
      const text = 'Subscribe over a WebSocket at /graphql or as an event stream at /graphql/stream.';
      throw topError('BAD_REQUEST', text, { http: { status: 400 } });
    },
  }),
};

/**
 * The Idempotency-Key header counts for a document with one mutation only: with two, nobody could say
 * which one is meant, and ignoring it would send twice what the caller believes to be safe.
 */
export const idempotencyKeyPlugin: ApolloServerPlugin<HttpContext> = {
  requestDidStart: async () => ({
    didResolveOperation: async ({ request, operation, document, contextValue }) => {
      const key = request.http?.headers.get('idempotency-key') || undefined;
      if (operation === undefined || key === undefined) return;
      const mutations = countMutations(operation, document);
      if (mutations === 1) contextValue.idempotencyKey = key;
      if (mutations <= 1) return;
      const text =
        'The header Idempotency-Key counts for one mutation, and the document has several: leave it out, and put a key into the idempotencyKey of each input.';
      throw topError('BAD_REQUEST', text, { http: { status: 400 } });
    },
  }),
};

/** Called after validation only, like all below: equal names are then one and the same field. */
export function countMutations(operation: OperationDefinitionNode, document: DocumentNode): number {
  if (operation.operation !== OperationTypeNode.MUTATION) return 0;
  return new Set(rootFields(operation.selectionSet, document)).size;
}

/** Names in the answer. Fragments exist and do not spread themselves. */
function* rootFields(set: SelectionSetNode, document: DocumentNode): Generator<string> {
  for (const selection of set.selections) {
    if (selection.kind === Kind.INLINE_FRAGMENT) yield* rootFields(selection.selectionSet, document);
    else if (selection.kind === Kind.FRAGMENT_SPREAD) yield* rootFields(fragment(selection, document), document);
    else if (selection.name.value !== '__typename') yield (selection.alias ?? selection.name).value;
  }
}

function fragment({ name }: FragmentSpreadNode, { definitions }: DocumentNode): SelectionSetNode {
  const found = definitions.find((one) => one.kind === Kind.FRAGMENT_DEFINITION && one.name.value === name.value);
  return found?.kind === Kind.FRAGMENT_DEFINITION ? found.selectionSet : { kind: Kind.SELECTION_SET, selections: [] };
}

/**
 * GraphQL over HTTP: clients that ask for application/json are told of malformed documents with
 * status 200, because many of them read no body of another status.
 */
export const statusPlugin: ApolloServerPlugin = {
  requestDidStart: async () => ({
    willSendResponse: async ({ request, response }) => {
      if (response.body.kind !== 'single' || 'data' in response.body.singleResult) return;
      if (request.http?.headers.get('accept')?.includes('application/graphql-response+json')) return;
      if (response.http.status === 400) response.http.status = 200;
    },
  }),
};
