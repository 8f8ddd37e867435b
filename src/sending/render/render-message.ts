import type { Composition, Mailbox } from '../../domain/message-draft.js';
import { messageBody } from './message-body.js';
import { messageHeaders } from './message-headers.js';
import { assemble } from './mime-part.js';

export interface RenderedMessage {
  /** RFC 5322, every line ended by CRLF, dots not yet doubled. */
  readonly raw: Buffer;
  /** A header holds an address that is not ASCII, so the server has to offer SMTPUTF8 (RFC 6532). */
  readonly smtpUtf8: boolean;
}

/**
 * The message as it goes on the wire; pure, so that a retry sends the same octets. Written by hand
 * because the usual composer takes 1.3 ms for 2 KB, more than all the rest of a delivery.
 */
export function renderMessage(c: Composition): RenderedMessage {
  const smtpUtf8 = [c.from, ...c.to, ...c.cc, ...c.replyTo].some(hasUtf8Local);
  return { raw: assemble(messageHeaders(c), messageBody(c), c.messageIdHeader), smtpUtf8 };
}

function hasUtf8Local(mailbox: Mailbox): boolean {
  return mailbox.address.utf8Local;
}
