import type { ReasonClass } from '../../../domain/bounce-class.js';
import type { HandOverResult, HandOverStage, SmtpReply } from '../transport.js';
import type { Exchanged, HttpAnswer } from './http-exchange.js';
import { perSecondFrom, retryAfterMs } from './retry-after.js';

/** What a provider says in its own words, in success and in refusal. */
export interface ProviderWords {
  /** The provider's name for an error, where it has names. */
  readonly name?: string | undefined;
  readonly text: string;
}

/** One way to tell from an answer what became of the mail; every condition that is given has to hold. */
export interface AnswerRule {
  /** Unique, for the tests: each rule has an answer there that no rule before it takes. */
  readonly id: string;
  readonly status?: readonly number[];
  readonly name?: readonly string[];
  readonly text?: RegExp;
  readonly outcome: 'refused' | 'deferred' | 'in_doubt';
  readonly reason: ReasonClass;
  /** `rate`: the headers about requests a second are about this; `quota`: a longer limit, of which they say nothing. */
  readonly asksForLess?: 'rate' | 'quota';
}

/** How one provider speaks. */
export interface Dialect {
  /** Tried in order, before the rules for all. */
  readonly rules: readonly AnswerRule[];
  /** Its own error body; undefined when something else on the way answered. */
  readonly errorIn: (answer: HttpAnswer) => ProviderWords | undefined;
  /** What it said when it took a mail; undefined when this is no acceptance of its own. */
  readonly acceptanceIn: (answer: HttpAnswer) => { readonly id: string; readonly text: string } | undefined;
}

/**
 * By status alone. A 4xx says that the request was not carried out (RFC 9110 section 15.5); which of
 * them are the mail's fault is little: what an operator can mend is kept and tried again.
 */
export const STATUS_RULES: readonly AnswerRule[] = [
  { id: 'redirected', status: [300, 301, 302, 303, 307, 308], outcome: 'deferred', reason: 'PROVIDER_CONFIGURATION' },
  { id: 'not authorised', status: [401, 402, 403, 407], outcome: 'deferred', reason: 'PROVIDER_CONFIGURATION' },
  {
    id: 'not found',
    status: [404, 405, 406, 410, 415, 421, 426],
    outcome: 'deferred',
    reason: 'PROVIDER_CONFIGURATION',
  },
  { id: 'request not read in time', status: [408, 425], outcome: 'deferred', reason: 'NETWORK' },
  { id: 'too large', status: [413], outcome: 'refused', reason: 'TOO_LARGE' },
  { id: 'too many', status: [429], outcome: 'deferred', reason: 'RATE_LIMITED', asksForLess: 'rate' },
  { id: 'malformed', status: [400, 422], outcome: 'refused', reason: 'OTHER' },
];

/** A fault it knows of itself. */
const FAULT: AnswerRule = { id: 'fault of the provider', outcome: 'deferred', reason: 'NETWORK' };

/** Not carried out for a reason that we do not know. */
const UNKNOWN: AnswerRule = { id: 'unknown status', outcome: 'deferred', reason: 'OTHER' };

const MAX_TEXT = 500;

/** Said by a gateway about a server behind it that may have had the whole request (RFC 9110 section 15.6). */
const GATEWAY: ReadonlySet<number> = new Set([502, 504]);

/** What is certain after an exchange. */
export function outcomeOf(exchanged: Exchanged, dialect: Dialect, now: number): HandOverResult {
  if (exchanged.got === 'not_sent') return notSent(exchanged.stage, exchanged.note);
  if (exchanged.got === 'unknown') return inDoubt(`${exchanged.note} after the request was written`);
  const { answer } = exchanged;
  if (answer.status < 300) return successOutcome(answer, dialect);
  const words = dialect.errorIn(answer);
  if (answer.status >= 500) return faultOutcome(answer, words, dialect, now);
  return ruledOutcome(answer, words, dialect, now);
}

function successOutcome(answer: HttpAnswer, dialect: Dialect): HandOverResult {
  if (!answer.requestComplete) return notSent('BODY', 'the provider answered before it had the mail');
  const acceptance = dialect.acceptanceIn(answer);
  if (acceptance === undefined) return inDoubt(`the answer ${answer.status} is not the provider's`);
  return {
    outcome: 'accepted',
    reply: replyOf(answer.status, acceptance.text),
    finalDestination: false,
    providerMessageId: acceptance.id,
  };
}

/** Behind a status of its own making the provider knows that it did not take the mail; a gateway does not. */
function faultOutcome(
  answer: HttpAnswer,
  words: ProviderWords | undefined,
  dialect: Dialect,
  now: number,
): HandOverResult {
  if (words !== undefined && !GATEWAY.has(answer.status)) return ruledOutcome(answer, words, dialect, now);
  if (!answer.requestComplete) return notSent('BODY', `a gateway answered ${answer.status} before it had the mail`);
  return inDoubt(`a gateway answered ${answer.status} after the request was written`);
}

function ruledOutcome(
  answer: HttpAnswer,
  words: ProviderWords | undefined,
  dialect: Dialect,
  now: number,
): HandOverResult {
  const rule = ruleFor(answer.status, words, dialect.rules);
  const note = noteOn(answer.status, words);
  if (rule.outcome === 'in_doubt') return inDoubt(note);
  const text = words?.text ?? '';
  return {
    outcome: rule.outcome,
    stage: answer.requestComplete ? 'FINAL_REPLY' : 'BODY',
    reply: replyOf(answer.status, text),
    note,
    reason: rule.reason,
    ...pushbackOf(answer, text, rule, now),
  };
}

/** Asked for by the rule, or by a Retry-After whatever it is about. */
function pushbackOf(
  { headers }: HttpAnswer,
  text: string,
  { asksForLess }: AnswerRule,
  now: number,
): Pick<Extract<HandOverResult, { outcome: 'deferred' }>, 'pushback'> {
  const rate = asksForLess === 'rate';
  const after = retryAfterMs(headers, text, now, rate);
  if (asksForLess === undefined && after === undefined) return {};
  const perSecond = rate ? perSecondFrom(headers) : undefined;
  return {
    pushback: {
      scope: 'PROVIDER',
      ...(after === undefined ? {} : { retryAfterMs: after }),
      ...(perSecond === undefined ? {} : { perSecond }),
    },
  };
}

/** The rule that decides on an answer: the provider's own before those for all. */
export function ruleFor(status: number, words: ProviderWords | undefined, rules: readonly AnswerRule[]): AnswerRule {
  const { name, text = '' } = words ?? {};
  const found = [...rules, ...STATUS_RULES].find(
    (rule) =>
      (rule.status === undefined || rule.status.includes(status)) &&
      (rule.name === undefined || (name !== undefined && rule.name.includes(name))) &&
      (rule.text === undefined || rule.text.test(text)),
  );
  return found ?? (status >= 500 ? FAULT : UNKNOWN);
}

/** Nothing was sent, and no answer tells why. */
function notSent(stage: HandOverStage, note: string): HandOverResult {
  return { outcome: 'deferred', stage, reply: undefined, note, ...(stage === 'TLS' ? { reason: 'TLS' } : {}) };
}

/** Why an address that is not fit for a request is refused without asking. */
export const UNFIT_ENVELOPE: HandOverResult = {
  outcome: 'refused',
  stage: 'MAIL',
  reply: undefined,
  note: 'the envelope is not fit for the wire',
};

/** In words of ours, with the provider's name for it where that is a name: its text may hold addresses. */
function noteOn(status: number, words: ProviderWords | undefined): string {
  const name = /^[\w.-]{1,80}$/.exec(words?.name ?? '')?.[0];
  return name === undefined ? `the provider answered ${status}` : `the provider answered ${status} ${name}`;
}

function inDoubt(note: string): HandOverResult {
  return { outcome: 'in_doubt', stage: 'FINAL_REPLY', note };
}

function replyOf(code: number, text: string): SmtpReply {
  return { code, enhanced: undefined, text: plainText(text) };
}

/** Control characters become blanks; what is left is cut without tearing a surrogate pair. */
export function plainText(text: string): string {
  const clean = text
    .slice(0, 4 * MAX_TEXT)
    .replaceAll(/[\p{Cc}\u2028\u2029\s]+/gu, ' ')
    .trim();
  return clean
    .slice(0, MAX_TEXT)
    .replace(/[\ud800-\udbff]$/, '')
    .toWellFormed();
}
