import type { ReasonClass } from '../../domain/bounce-class.js';
import { type Health, healthOf, mayTryAnotherWay } from '../../domain/delivery-health.js';
import { classifyReply } from '../../domain/smtp-reply-class.js';
import type { HandOverResult } from '../transports/transport.js';

/** What a hand-over comes to, for the recipient and for the way it took. */
export interface Judgement {
  readonly verdict: 'ACCEPTED' | 'BOUNCED' | 'REJECTED' | 'DEFERRED' | 'IN_DOUBT';
  readonly reason: ReasonClass | undefined;
  readonly health: Health;
  /** Certainly not sent, and no fault of the recipient or the mail: another provider may do better at once. */
  readonly anotherWay: boolean;
}

type NotSent = Extract<HandOverResult, { outcome: 'deferred' | 'refused' }>;

const ACCEPTED: Judgement = { verdict: 'ACCEPTED', reason: undefined, health: 'WORKED', anotherWay: false };
const IN_DOUBT: Judgement = { verdict: 'IN_DOUBT', reason: undefined, health: 'FAILED', anotherWay: false };
const REJECTED: Judgement = { verdict: 'REJECTED', reason: 'POLICY', health: 'WORKED', anotherWay: false };

export function judgeHandOver(result: HandOverResult): Judgement {
  if (result.outcome === 'accepted') return ACCEPTED;
  if (result.outcome === 'in_doubt') return IN_DOUBT;
  if (isOurOwnRefusal(result)) return REJECTED;
  const { reason, permanent } = reasonOf(result);
  // A 5xx that is about us (credentials, relaying, quota) or asks to come back must not bounce the mail.
  const outcome = result.outcome === 'refused' && permanent ? 'refused' : 'deferred';
  const facts = { ...result, outcome, reason } as const;
  const verdict = outcome === 'refused' ? 'BOUNCED' : 'DEFERRED';
  return { verdict, reason, health: healthOf(facts), anotherWay: mayTryAnotherWay(facts) };
}

/** Nothing was written: the provider cannot take such a mail at all. */
function isOurOwnRefusal({ outcome, reply, reason }: NotSent): boolean {
  return outcome === 'refused' && reply === undefined && reason === undefined;
}

function reasonOf({ reply, reason }: NotSent): { reason: ReasonClass; permanent: boolean } {
  if (reason !== undefined) return { reason, permanent: true };
  return reply === undefined ? { reason: 'NETWORK', permanent: false } : classifyReply(reply);
}
