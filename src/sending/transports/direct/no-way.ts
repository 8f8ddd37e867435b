import type { Pushback } from '../../../domain/pushback.js';
import type { HandOverResult } from '../transport.js';

type Refused = Extract<HandOverResult, { outcome: 'refused' }>;
type Deferred = Extract<HandOverResult, { outcome: 'deferred' }>;

/** Nobody will take mail for this domain, and DNS says so for certain. */
export function undeliverable(note: string): Refused {
  return { outcome: 'refused', stage: 'CONNECT', reply: undefined, note, reason: 'BAD_DOMAIN' };
}

/** What was promised to the domain, or is left of our addresses, is not known: nothing is sent on a guess. */
export function withoutDatabase(): Deferred {
  const note = 'the database could not be asked about the way';
  return { outcome: 'deferred', stage: 'CONNECT', reply: undefined, note, reason: 'OTHER' };
}

/** Name servers that do not answer say nothing about a domain: it passes. */
export function noAnswer(code: string): Deferred {
  const note = `the name servers gave no answer (${code})`;
  return { outcome: 'deferred', stage: 'CONNECT', reply: undefined, note, reason: 'NETWORK' };
}

/** No address of ours may send anything today. */
export function nothingLeft(pushback: Pushback): Deferred {
  const note = 'the sending addresses have sent what they may today';
  return { outcome: 'deferred', stage: 'CONNECT', reply: undefined, note, reason: 'RATE_LIMITED', pushback };
}
