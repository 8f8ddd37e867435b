import type { HandOverResult } from '../transport.js';

type Refused = Extract<HandOverResult, { outcome: 'refused' }>;
type Deferred = Extract<HandOverResult, { outcome: 'deferred' }>;

/** Nobody will take mail for this domain, and DNS says so for certain. */
export function undeliverable(note: string): Refused {
  return { outcome: 'refused', stage: 'CONNECT', reply: undefined, note, reason: 'BAD_DOMAIN' };
}

/** Name servers that do not answer say nothing about a domain: it passes. */
export function noAnswer(code: string): Deferred {
  const note = `the name servers gave no answer (${code})`;
  return { outcome: 'deferred', stage: 'CONNECT', reply: undefined, note, reason: 'NETWORK' };
}
