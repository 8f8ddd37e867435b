import type { ReasonClass } from '../../domain/bounce-class.js';
import type { Lane } from '../../domain/lane.js';
import type { Composition } from '../../domain/message-draft.js';
import type { Pushback } from '../../domain/pushback.js';

/**
 * How far a hand-over got. Up to and including BODY the provider cannot have taken the message; from
 * its last octet on (FINAL_REPLY) it may have it although no reply came.
 */
export const HAND_OVER_STAGES = [
  'CONNECT',
  'GREETING',
  'EHLO',
  'TLS',
  'AUTH',
  'MAIL',
  'RCPT',
  'DATA',
  'BODY',
  'FINAL_REPLY',
] as const;

export type HandOverStage = (typeof HAND_OVER_STAGES)[number];

/** A provider's answer as it was read: code, enhanced code (RFC 3463) where told, and the text. */
export interface SmtpReply {
  readonly code: number;
  readonly enhanced: string | undefined;
  /** All lines, codes stripped, joined with a space, at most 500 characters, no control characters. */
  readonly text: string;
}

/** Exactly one recipient: each one's outcome is known by itself. */
export interface Envelope {
  /** Reverse path; the empty string is the null sender. */
  readonly from: string;
  readonly to: string;
  readonly smtpUtf8: boolean;
  /** `tenantId.messageId.n.attempt`, sent as ENVID where the server offers DSN (RFC 3461). */
  readonly envid: string;
  /** Whose share of connections it takes. */
  readonly lane: Lane;
  /**
   * The recipient among all (domain/recipient-key.ts), the same for every attempt: a provider that keeps
   * idempotency keys takes the mail once, and one that tells news brings it back.
   */
  readonly recipientKey: string;
}

/** What is handed over: the bytes, and what they were rendered from for providers that take no MIME. */
export interface OutgoingMail {
  /** RFC 5322, every line ended by CRLF, dots not yet doubled; signed where we sign. */
  readonly raw: Buffer;
  readonly composition: Composition;
}

/** An attempt after which the recipient certainly has no mail of ours. */
interface NotSent {
  readonly stage: HandOverStage;
  readonly reply: SmtpReply | undefined;
  readonly note: string;
  /** The adapter knows the reason better than the reply's code tells: providers that speak no SMTP. */
  readonly reason?: ReasonClass;
  readonly pushback?: Pushback;
}

/**
 * What is certain after an attempt. `deferred` and `refused` are certainly not sent; `in_doubt` is
 * the only outcome after which the recipient may or may not have the mail. The reason is the
 * reply's unless the adapter gives one.
 */
export type HandOverResult =
  | {
      readonly outcome: 'accepted';
      readonly reply: SmtpReply;
      readonly finalDestination: boolean;
      /** The name the provider gave it; its later news carry it. */
      readonly providerMessageId?: string;
    }
  | ({ readonly outcome: 'deferred' } & NotSent)
  | ({ readonly outcome: 'refused' } & NotSent)
  | { readonly outcome: 'in_doubt'; readonly stage: 'FINAL_REPLY'; readonly note: string };

/** What a look at the provider found, without a message. */
export interface ProbeResult {
  readonly alive: boolean;
  /** What it said, or why it could not be asked. */
  readonly note: string;
  /** Limits of our account, as far as the provider tells them. */
  readonly quota?: { readonly perSecond?: number; readonly perDay?: number; readonly sentInLastDay?: number };
}

/** The hosts behind one or many recipient domains that count our connections together. */
export interface Site {
  /** The same for every domain that the same hosts take mail for. */
  readonly name: string;
  readonly limits: SiteLimits;
}

/** Where to begin with a site, before anything is learnt from its replies. */
interface SiteLimits {
  /** Connections at once, from all of our processes together. */
  readonly maxConnections?: number;
  readonly perSecond?: number;
}

/** Our adapter to one provider. A network fault is an answer, never an exception. */
export abstract class Transport {
  /** The provider's name as recorded with each attempt. */
  abstract readonly name: string;
  /** The provider answers a repeated idempotency key with the outcome of the first: a doubt can be resolved by asking again. */
  readonly idempotent: boolean = false;
  /** It is connected to the recipients' own hosts: their faults are theirs, also where none of them was found. */
  readonly deliversToSites: boolean = false;
  abstract handOver(envelope: Envelope, mail: OutgoingMail): Promise<HandOverResult>;
  /** Where mail for the domain would go. Undefined where the provider decides: then each domain counts by itself. */
  siteOf(_domain: string): Promise<Site | undefined> {
    return Promise.resolve(undefined);
  }
  /** Asks whether the provider is there. Undefined: it is not one host that could be asked, or all connections to it are in use. */
  abstract probe(): Promise<ProbeResult | undefined>;
  /** Ends idle connections at once and the others after their message. */
  abstract close(): Promise<void>;
}
