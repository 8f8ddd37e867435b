import type { Principal } from '../domain/principal.js';

/** What every resolver is given about the operation it answers, whichever door it came through. */
export interface GraphqlContext {
  /** Written into every log line, error and answer that concerns the operation. */
  readonly requestId: string;
  /** Undefined when no valid credential was given; the guard refuses then. */
  readonly principal: Principal | undefined;
  /** The Idempotency-Key header, only when the document has exactly one mutation field. */
  readonly idempotencyKey: string | undefined;
  readonly transport: 'http' | 'ws' | 'sse';
  /** Batching loaders by name, made on first use and dropped with the operation. */
  readonly loaders: Map<string, unknown>;
}
