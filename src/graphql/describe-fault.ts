// Values that a message may quote: an address, or whatever stands between quotation marks.
const ADDRESS = /[^\s<>"'(),]+@[^\s<>"'(),]+/g;
const QUOTED = /"[^"]*"|'[^']*'|`[^`]*`|«[^»]*»/g;
const MAX_MESSAGE = 300;

/** What may be logged about a fault: no address, subject or body, which messages like to quote. */
export interface FaultDescription {
  readonly name: string;
  readonly message: string;
  /** SQLSTATE or system error code. */
  readonly code: string | undefined;
  /** Where it was thrown, without the message. */
  readonly frames: readonly string[];
}

export function describeFault(error: unknown): FaultDescription {
  if (!(error instanceof Error)) return { name: typeof error, message: '', code: undefined, frames: [] };
  const frames = (error.stack ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('at '))
    .slice(0, 12);
  return {
    name: error.name,
    message: error.message.replace(QUOTED, '"…"').replace(ADDRESS, '…').slice(0, MAX_MESSAGE),
    code: 'code' in error && typeof error.code === 'string' ? error.code : undefined,
    frames,
  };
}
