/** Something with an @ in it, quotes and angle brackets aside: an address, or near enough to one. */
const ADDRESS = /[^\s<>"'(),;:=[\]{}]+@[^\s<>"'(),;:=[\]{}]+/gu;
/** A cause can lead back to its error. */
const MAX_CAUSES = 4;
const API_KEY = /pst_(live|test)_[0-9A-Za-z]+/g;

/** Replies of servers and messages of libraries quote addresses; a log line never does. */
export function scrub(text: string): string {
  const withoutKeys = text.includes('pst_') ? text.replaceAll(API_KEY, 'pst_$1_…') : text;
  return withoutKeys.includes('@') ? withoutKeys.replaceAll(ADDRESS, '<address>') : withoutKeys;
}

/** The parts of an error that may be logged. Anything else, such as the row PostgreSQL quotes in `detail`, stays out. */
export function describeError(error: unknown, depth = 0): Record<string, unknown> {
  if (!(error instanceof Error)) return { message: scrub(String(error)) };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return {
    type: error.name,
    ...(code === undefined ? {} : { code }),
    message: scrub(error.message),
    stack: error.stack === undefined ? undefined : scrub(error.stack),
    ...(error.cause === undefined || depth >= MAX_CAUSES ? {} : { cause: describeError(error.cause, depth + 1) }),
  };
}
