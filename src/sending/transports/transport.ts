/**
 * How far a hand-over got. Up to and including DATA nothing of the message has left; from the final
 * dot on (FINAL_REPLY) the provider may have it although no reply came.
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
}

/**
 * What is certain after an attempt. `deferred` and `refused` are certainly not sent; `in_doubt` is
 * the only outcome after which the recipient may or may not have the mail.
 */
export type HandOverResult =
  | { readonly outcome: 'accepted'; readonly reply: SmtpReply; readonly finalDestination: boolean }
  | {
      readonly outcome: 'deferred';
      readonly stage: HandOverStage;
      readonly reply: SmtpReply | undefined;
      readonly note: string;
    }
  | {
      readonly outcome: 'refused';
      readonly stage: HandOverStage;
      readonly reply: SmtpReply | undefined;
      readonly note: string;
    }
  | { readonly outcome: 'in_doubt'; readonly stage: 'FINAL_REPLY'; readonly note: string };

/** Our adapter to one provider. A network fault is an answer, never an exception. */
export abstract class Transport {
  /** The provider's name as recorded with each attempt. */
  abstract readonly name: string;
  abstract handOver(envelope: Envelope, raw: Buffer): Promise<HandOverResult>;
  /** Ends idle connections at once and the others after their message. */
  abstract close(): Promise<void>;
}
