import { isFitForWire } from '../smtp/envelope-commands.js';
import type { Envelope } from '../transport.js';

/**
 * Second line of defence, as where headers are written. These interfaces parse what they are given
 * as a list of mailboxes with names: nothing may be read as a second one.
 */
const ONE_MAILBOX = /^[^\p{Cc}\p{Cs}\p{Z}"(),:;<>@[\]\\]{1,64}@[A-Za-z0-9.-]{1,253}$/u;

/** The recipient can be read as this one mailbox only, and nothing in the envelope is unfit elsewhere. */
export function isOneMailbox(envelope: Envelope): boolean {
  return isFitForWire(envelope) && ONE_MAILBOX.test(envelope.to);
}
