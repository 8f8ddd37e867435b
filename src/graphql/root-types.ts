import type { GraphQLSchema } from 'graphql';

/** The framework makes the root types itself, and knows no description for them. */
const DESCRIPTIONS = {
  Query:
    'What can be read, by POST /graphql: what belongs to your tenant, and with the scope OPERATE what all tenants share.',
  Mutation:
    'What can be changed, by POST /graphql. What a caller can mend is told in userErrors of each payload. Several mutations of one document are executed one after the other, each for itself.',
  Subscription:
    'What can be followed, over a WebSocket at /graphql (graphql-transport-ws) or as an event stream at /graphql/stream (distinct connections).',
} as const;

export function describeRootTypes(schema: GraphQLSchema): GraphQLSchema {
  for (const [name, description] of Object.entries(DESCRIPTIONS)) {
    const type = schema.getType(name);
    if (type !== undefined) type.description = description;
  }
  return schema;
}
