import type { ReasonClass } from './bounce-class.js';
import { scopeOfReply } from './reply-scope.js';
import type { Reply } from './smtp-reply-class.js';

/**
 * What an attempt says about the way it took. WORKED: the other side does its work, whatever it thinks
 * of this mail. FAILED: it does not answer, or not to us. PUSHED_BACK: it asks for less.
 */
export type Health = 'WORKED' | 'FAILED' | 'PUSHED_BACK';

/** A mail that was certainly not sent. */
interface NotSent {
  readonly outcome: 'deferred' | 'refused';
  readonly stage: string;
  readonly reply: Reply | undefined;
  readonly reason: ReasonClass;
  readonly pushback?: unknown;
}

/** Before the first command of a message everything is between us and the host. */
const OPENING: ReadonlySet<string> = new Set(['CONNECT', 'GREETING', 'EHLO', 'TLS', 'AUTH']);

export function healthOf(facts: NotSent): Health {
  if (facts.pushback !== undefined) return 'PUSHED_BACK';
  if (facts.outcome === 'refused') return 'WORKED';
  if (facts.reply === undefined) return facts.reason === 'NETWORK' || facts.reason === 'TLS' ? 'FAILED' : 'WORKED';
  if (OPENING.has(facts.stage)) return 'FAILED';
  return scopeOfReply(facts.reply) === 'SITE' ? 'PUSHED_BACK' : 'WORKED';
}

/**
 * True when the fault lies between us and the provider: another one may do better at once. What is
 * about the recipient or the mail would be no different there.
 */
export function mayTryAnotherWay(facts: NotSent): boolean {
  if (facts.outcome === 'refused') return false;
  return healthOf(facts) !== 'WORKED' || facts.reason === 'PROVIDER_CONFIGURATION';
}
