import type { HandOverResult, HandOverStage, SmtpReply } from '../transport.js';

/** The first reply that ended a dialogue other than well, and where. */
export interface Refusal {
  readonly stage: HandOverStage;
  /** Undefined when what came was not an SMTP reply. */
  readonly reply: SmtpReply | undefined;
}

/** A reply to one of these is about the message; before them it is about us. */
const TRANSACTION_STAGES: ReadonlySet<HandOverStage> = new Set(['MAIL', 'RCPT', 'DATA', 'BODY', 'FINAL_REPLY']);

/** RFC 4954 and RFC 3207: we are to authenticate or to encrypt first. Our settings, not the mail. */
const SETTINGS_AT_FAULT: ReadonlySet<number> = new Set([530, 534, 535, 538]);

/** The relay's service is closing the connection (RFC 5321 section 3.8): never about the mail. */
export const CLOSING = 421;

/** The answer to everything after close. */
export const TRANSPORT_CLOSED: HandOverResult = {
  outcome: 'deferred',
  stage: 'CONNECT',
  reply: undefined,
  note: 'the transport has been closed',
};

/** What is certain when the dialogue ended without a refusal and without an acceptance. */
export function brokenOff(stage: HandOverStage, note: string): HandOverResult {
  // Without the terminating dot a server must not accept the message (RFC 5321 section 4.1.1.4).
  if (stage === 'FINAL_REPLY') return { outcome: 'in_doubt', stage, note: `${note} after the message was written` };
  return { outcome: 'deferred', stage, reply: undefined, note };
}

/** What a reply other than the wished one means. */
export function refusalOutcome({ stage, reply }: Refusal): HandOverResult {
  if (reply === undefined) return brokenOff(stage, 'the relay sent something that is not an SMTP reply');
  if (reply.code < 400) return brokenOff(stage, 'the relay sent a reply that does not belong here');
  const aboutTheMail = TRANSACTION_STAGES.has(stage) && !SETTINGS_AT_FAULT.has(reply.code);
  if (reply.code >= 500 && aboutTheMail) return { outcome: 'refused', stage, reply, note: 'refused by the relay' };
  if (reply.code >= 500) return { outcome: 'deferred', stage, reply, note: 'the relay refused us: check its settings' };
  const note = reply.code === CLOSING ? 'the relay is closing the connection' : 'deferred by the relay';
  return { outcome: 'deferred', stage, reply, note };
}

/** True when the connection can carry another message after this refusal. */
export function leavesConnectionUsable({ stage, reply }: Refusal): boolean {
  return reply !== undefined && reply.code >= 400 && reply.code !== CLOSING && stage !== 'BODY';
}
