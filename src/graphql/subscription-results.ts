import { type FormattedExecutionResult, GraphQLError } from 'graphql';
import { type MaskOptions, maskError } from './mask-errors.js';
import { topError } from './postern-error.js';

/** Bytes that may wait for a client before its subscription is ended. */
export const MAX_BUFFERED = 1024 * 1024;

/** A result as graphql-js makes it. */
export interface SubscriptionResult {
  readonly data?: Record<string, unknown> | null | undefined;
  readonly errors?: readonly GraphQLError[] | undefined;
  readonly extensions?: Record<string, unknown> | undefined;
}

/**
 * The results of a subscription for a client that keeps reading. One that has fallen behind is sent
 * away with the last cursor it was given, so that it can resume; what the source throws (a full
 * event queue, say) is thrown on as it is.
 *
 * Not an async generator: return() of one waits for the next event before it closes the source.
 */
export class BoundedResults implements AsyncGenerator<SubscriptionResult, void, void> {
  private readonly source: AsyncIterator<SubscriptionResult>;
  private cursor: string | undefined;

  constructor(
    results: AsyncIterable<SubscriptionResult>,
    private readonly buffered: () => number,
  ) {
    this.source = results[Symbol.asyncIterator]();
  }

  async next(): Promise<IteratorResult<SubscriptionResult, void>> {
    if (this.buffered() > MAX_BUFFERED) {
      await this.return();
      throw topError('SLOW_CONSUMER', undefined, this.cursor === undefined ? {} : { cursor: this.cursor });
    }
    const step = await this.source.next();
    if (step.done === true) return { done: true, value: undefined };
    this.cursor = cursorOf(step.value) ?? this.cursor;
    return { done: false, value: step.value };
  }

  async return(): Promise<IteratorResult<SubscriptionResult, void>> {
    await this.source.return?.();
    return { done: true, value: undefined };
  }

  async throw(error: unknown): Promise<IteratorResult<SubscriptionResult, void>> {
    await this.return();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}

/** The cursor a client was given with a result, if it asked for it. */
function cursorOf(result: SubscriptionResult): string | undefined {
  const [item] = Object.values(result.data ?? {});
  if (typeof item !== 'object' || item === null || !('cursor' in item)) return undefined;
  return typeof item.cursor === 'string' ? item.cursor : undefined;
}

/** A result with its errors made fit for the caller. */
export function maskResult(result: SubscriptionResult, options: MaskOptions): FormattedExecutionResult {
  return {
    ...(result.errors === undefined ? {} : { errors: result.errors.map((error) => maskError(error, options)) }),
    ...(result.data === undefined ? {} : { data: result.data }),
    ...(result.extensions === undefined ? {} : { extensions: result.extensions }),
  };
}

/** An error as graphql-js passes it around, from whatever was thrown. */
export function asGraphqlError(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error;
  const originalError = error instanceof Error ? error : new Error(String(error));
  return new GraphQLError(originalError.message, { originalError });
}
