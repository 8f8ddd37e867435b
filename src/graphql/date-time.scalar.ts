import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';

const ISO =
  /^(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/**
 * A point in time. The offset is required: without one, Date would read the text in the time zone
 * of the server.
 */
export const DateTime = new GraphQLScalarType<Date, string>({
  name: 'DateTime',
  description: 'A point in time in ISO 8601 with an offset, such as 2026-12-03T09:54:33.125Z. Answers are in UTC.',
  specifiedByURL: 'https://scalars.graphql.org/andimarek/date-time.html',
  serialize: (value) => {
    if (value instanceof Date) return value.toISOString();
    throw new TypeError('DateTime can only serialise a Date');
  },
  parseValue: parse,
  parseLiteral: (node) => parse(node.kind === Kind.STRING ? node.value : undefined),
});

function parse(value: unknown): Date {
  if (typeof value === 'string') {
    const [, year, month, day] = ISO.exec(value) ?? [];
    // Date reads 31 February as 3 March.
    if (day !== undefined && Number(day) <= daysIn(Number(year), Number(month))) return new Date(value);
  }
  throw new GraphQLError('DateTime must be ISO 8601 with an offset, such as 2026-12-03T09:54:33Z');
}

/** 0 for a month that does not exist. */
function daysIn(year: number, month: number): number {
  return month >= 1 && month <= 12 ? new Date(Date.UTC(year, month, 0)).getUTCDate() : 0;
}
