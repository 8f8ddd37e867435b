/**
 * What a failed write means. `lost`: the connection went, the outcome is unknown; `again`: a
 * conflict with another transaction, certainly not written; `unavailable`: the database has no room
 * or does not write; `statement`: something in this statement, so that a group has to be taken apart.
 */
export type AcceptanceFault = 'lost' | 'again' | 'unavailable' | 'statement';

const LOST_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
]);
const AGAIN = new Set(['40001', '40P01']);
/** A duplicate key after a try whose outcome is unknown is that try. */
export const UNIQUE_VIOLATION = '23505';

// node-postgres has no codes for these.
const LOST_MESSAGES =
  /^(Connection terminated|Connection ended|Client has encountered a connection error|Client was closed|timeout exceeded when trying to connect)/;

/** The wait for a synchronous standby was cancelled: committed here, and perhaps nowhere else. */
export class NotReplicated extends Error {
  constructor() {
    super('the wait for the synchronous standby was cancelled');
    this.name = 'NotReplicated';
  }
}

/** SQLSTATE, or the code of a system error. */
export function codeOf(error: unknown): string | undefined {
  return textOf(error, 'code');
}

/** Told by its properties: errors of Node itself can come from another realm than ours. */
function textOf(error: unknown, property: string): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const value: unknown = Reflect.get(error, property);
  return typeof value === 'string' ? value : undefined;
}

export function faultOf(error: unknown): AcceptanceFault {
  if (error instanceof NotReplicated) return 'unavailable';
  const code = codeOf(error);
  if (code === undefined) return LOST_MESSAGES.test(textOf(error, 'message') ?? '') ? 'lost' : 'statement';
  if (LOST_CODES.has(code) || isLostState(code)) return 'lost';
  if (AGAIN.has(code)) return 'again';
  return isUnavailableState(code) ? 'unavailable' : 'statement';
}

/** Class 08 connection; 57P0x shut down, crashed, starting; 53300 no connection left. */
function isLostState(code: string): boolean {
  return code.startsWith('08') || code.startsWith('57P') || code === '53300';
}

/** Class 53 no room; 55 locked; 57014 cancelled; 58 system; 25006 read-only: a standby answers. */
function isUnavailableState(code: string): boolean {
  return /^(53|55|58)/.test(code) || code === '57014' || code === '25006';
}

/** True when the server refused the statement and nothing more: the connection is as good as before. */
export function leavesConnection(error: unknown): boolean {
  return textOf(error, 'severity') === 'ERROR';
}
