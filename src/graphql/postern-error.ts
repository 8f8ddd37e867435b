import { GraphQLError } from 'graphql';
import { docsUrl, type ErrorCode, ERRORS } from '../domain/user-error.js';

/** What a top-level error may carry besides its code. */
export interface TopErrorDetails {
  /** Seconds to wait before trying again. */
  readonly retryAfter?: number;
  /** Where to resume a subscription. */
  readonly cursor?: string;
  /** Status of the HTTP answer, when nothing of the operation was executed. */
  readonly http?: { readonly status: number };
}

/** An error meant for the caller: it passes the mask as it is. Make one with topError. */
export class PosternError extends GraphQLError {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, details: TopErrorDetails) {
    super(message, { extensions: { code, retryable: ERRORS[code].retryable, docsUrl: docsUrl(code), ...details } });
    this.code = code;
  }
}

/** A top-level error with the defaults of its code. The message is read by callers: no internals. */
export function topError(
  code: ErrorCode,
  message: string = ERRORS[code].when,
  details: TopErrorDetails = {},
): PosternError {
  return new PosternError(code, message, details);
}
