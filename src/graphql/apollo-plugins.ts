import type { ApolloServerPlugin } from '@apollo/server';
import {
  type DocumentNode,
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
 * The Idempotency-Key header counts for a document with one mutation only: with two, nobody could
 * say which one is meant.
 */
export const idempotencyKeyPlugin: ApolloServerPlugin<HttpContext> = {
  requestDidStart: async () => ({
    didResolveOperation: async ({ request, operation, document, contextValue }) => {
      if (operation === undefined || !hasOneMutation(operation, document)) return;
      contextValue.idempotencyKey = request.http?.headers.get('idempotency-key') || undefined;
    },
  }),
};

/** Called after validation only, like all below. */
export function hasOneMutation(operation: OperationDefinitionNode, document: DocumentNode): boolean {
  return operation.operation === OperationTypeNode.MUTATION && rootFields(operation.selectionSet, document) === 1;
}

/** Fragments exist and do not spread themselves. */
function rootFields(set: SelectionSetNode, document: DocumentNode): number {
  let count = 0;
  for (const selection of set.selections) {
    if (selection.kind === Kind.FIELD) count += 1;
    else if (selection.kind === Kind.INLINE_FRAGMENT) count += rootFields(selection.selectionSet, document);
    else {
      const name = selection.name.value;
      for (const definition of document.definitions) {
        if (definition.kind !== Kind.FRAGMENT_DEFINITION || definition.name.value !== name) continue;
        count += rootFields(definition.selectionSet, document);
      }
    }
  }
  return count;
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
