import { HttpException } from '@nestjs/common';
import { UnknownCommitOutcome } from '../database/unknown-commit-outcome.js';
import type { ErrorCode } from '../domain/user-error.js';
import { type PosternError, topError } from './postern-error.js';

// 08: connection; 53: no room, memory or connections left; 57P: being shut down or starting.
const UNAVAILABLE_STATE = /^(?:08|53|57P0[1-5]$)/;

const UNAVAILABLE_SYSTEM = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EAI_AGAIN',
]);

// Bytes that are no text in the database's encoding; valid UTF-8 on its way here, so always a NUL.
const UNSTORABLE_STATE = new Set(['22021', '22P05']);

// pg raises these without any code.
const UNAVAILABLE_TEXT =
  /^(?:Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Client was closed|Cannot use a pool after calling end)/;

/** Which code a caller is told for an error that was not made for callers. */
export function classifyFault(error: unknown): ErrorCode {
  if (error instanceof HttpException) return httpCode(error.getStatus());
  if (isUnavailable(error)) return 'UNAVAILABLE';
  return 'INTERNAL';
}

/**
 * What the database cannot even look for is the caller's to mend, in whichever argument it stood: undefined
 * for every other error.
 */
export function unstorableText(error: unknown): PosternError | undefined {
  if (!UNSTORABLE_STATE.has(codeOf(error))) return undefined;
  return topError(
    'BAD_REQUEST',
    'A text has a NUL character (\\u0000). Remove the NUL character: no stored text has one.',
  );
}

/** Guards, pipes and throttlers of the framework know only HTTP statuses. */
function httpCode(status: number): ErrorCode {
  switch (status) {
    case 400:
      return 'BAD_REQUEST';
    case 401:
      return 'UNAUTHENTICATED';
    case 403:
      return 'FORBIDDEN';
    case 413:
      return 'PAYLOAD_TOO_LARGE';
    case 429:
      return 'RATE_LIMITED';
    case 503:
      return 'UNAVAILABLE';
    default:
      return 'INTERNAL';
  }
}

/** True when the database cannot be reached, has no room, or left the outcome of a commit unknown. */
function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof UnknownCommitOutcome) return true;
  const code = codeOf(error);
  if (UNAVAILABLE_STATE.test(code) || UNAVAILABLE_SYSTEM.has(code)) return true;
  if (UNAVAILABLE_TEXT.test(error.message)) return true;
  return error.cause !== undefined && isUnavailable(error.cause);
}

/** SQLSTATE, or the code of a system error. */
function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
