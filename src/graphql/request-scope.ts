import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * The id of the HTTP request being answered. Apollo's formatError is not told which request an error
 * belongs to, so the id travels with the asynchronous context.
 */
const scope = new AsyncLocalStorage<string>();

/** Runs the rest of a request under its id. */
export function withRequestId(requestId: string, rest: () => void): void {
  scope.run(requestId, rest);
}

/** The id of the request being answered, or undefined outside of one. */
export function currentRequestId(): string | undefined {
  return scope.getStore();
}
