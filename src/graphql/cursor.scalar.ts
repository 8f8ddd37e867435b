import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';

/** Wide enough for the cursor of an event, which names the transactions in progress. */
const MAX_CHARS = 48 * 1024;

/** What a reader gives back to go on where it stopped. What it means is checked by whoever made it. */
export const Cursor = new GraphQLScalarType<string, string>({
  name: 'Cursor',
  description: 'A place in a list or in the event log. Opaque: give it back exactly as it came.',
  serialize: (value) => {
    if (typeof value === 'string') return value;
    throw new TypeError('Cursor can only serialise a string');
  },
  parseValue: parse,
  parseLiteral: (node) => parse(node.kind === Kind.STRING ? node.value : undefined),
});

function parse(value: unknown): string {
  if (typeof value === 'string' && value.length > 0 && value.length <= MAX_CHARS) return value;
  throw new GraphQLError('Cursor must be a cursor as it was given in an answer');
}
