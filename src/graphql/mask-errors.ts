import { Logger } from '@nestjs/common';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { docsUrl, type ErrorCode, ERRORS } from '../domain/user-error.js';
import { classifyFault, unstorableText } from './classify-fault.js';
import { describeFault } from './describe-fault.js';
import { PosternError } from './postern-error.js';

const logger = new Logger('GraphQL');

// graphql-js quotes a refused variable in full, which may be megabytes of body.
const MAX_MESSAGE = 500;

const SUGGESTION = / ?Did you mean .*\?$/s;
const TOO_MANY_TOKENS = /more tha[nt] \d+ tokens/;

export interface MaskOptions {
  readonly requestId: string | undefined;
  /** Names of the schema are not told to those who may not read it. */
  readonly hideSuggestions: boolean;
}

/**
 * What a caller is told of an error, the same on HTTP, WebSocket and event stream. What was made for
 * callers passes, malformed requests are explained, everything else is hidden and logged here, once.
 */
export function maskError(error: unknown, options: MaskOptions): GraphQLFormattedError {
  const located = error instanceof GraphQLError ? error : undefined;
  const place = {
    ...(located?.locations ? { locations: located.locations } : {}),
    ...(located?.path ? { path: located.path } : {}),
  };
  const { code, message, details } = judge(error, options);
  return {
    message,
    ...place,
    extensions: {
      code,
      ...(options.requestId === undefined ? {} : { requestId: options.requestId }),
      retryable: ERRORS[code].retryable,
      ...(code === 'UNAVAILABLE' ? { retryAfter: 1 } : {}),
      ...details,
      docsUrl: docsUrl(code),
    },
  };
}

interface Verdict {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details: Record<string, unknown>;
}

function judge(error: unknown, options: MaskOptions): Verdict {
  const meant = posternError(error) ?? unstorableText(rootCause(error));
  if (meant !== undefined) {
    // Apollo's own extension that sets the HTTP status is no news for the caller.
    const { http: _http, ...details } = meant.extensions;
    return { code: meant.code, message: meant.message, details };
  }
  if (isMalformedRequest(error)) {
    const text = options.hideSuggestions ? error.message.replace(SUGGESTION, '') : error.message;
    return { code: requestCode(error), message: text.slice(0, MAX_MESSAGE), details: {} };
  }
  const cause = rootCause(error);
  const code = classifyFault(cause);
  if (code === 'INTERNAL' || code === 'UNAVAILABLE') logFault(error, cause, options.requestId);
  return { code, message: ERRORS[code].when, details: {} };
}

function posternError(error: unknown): PosternError | undefined {
  if (error instanceof PosternError) return error;
  return error instanceof GraphQLError ? posternError(error.originalError) : undefined;
}

function rootCause(error: unknown): unknown {
  return error instanceof GraphQLError && error.originalError !== undefined ? rootCause(error.originalError) : error;
}

// What Apollo calls the faults of a request, as opposed to those of a resolver.
const REQUEST_CODES = new Set<unknown>([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
  'BAD_REQUEST',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_SUPPORTED',
  'PERSISTED_QUERY_NOT_FOUND',
]);

/** An error of graphql-js without a path was raised before any resolver ran. */
function isMalformedRequest(error: unknown): error is GraphQLError {
  if (!(error instanceof GraphQLError) || error.path !== undefined) return false;
  return REQUEST_CODES.has(error.extensions['code']) || rootCause(error) instanceof GraphQLError;
}

/** Apollo overwrites the code of a validation error, but leaves what else stands beside it. */
function requestCode(error: GraphQLError): ErrorCode {
  if (error.extensions['limit'] !== undefined || TOO_MANY_TOKENS.test(error.message)) return 'QUERY_TOO_COMPLEX';
  return 'BAD_REQUEST';
}

function logFault(error: unknown, cause: unknown, requestId: string | undefined): void {
  const path = error instanceof GraphQLError ? error.path?.join('.') : undefined;
  logger.error({ msg: 'operation failed', requestId, path, fault: describeFault(cause) });
}
