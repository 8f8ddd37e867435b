import { parseEmailAddress } from '../../src/domain/email-address.js';
import type { Composition, Mailbox } from '../../src/domain/message-draft.js';

export function mailbox(address: string, name?: string): Mailbox {
  const parsed = parseEmailAddress(address);
  if (parsed === undefined) throw new Error(`Not an address: ${address}`);
  return { address: parsed, name };
}

/** A message with nothing special about it, but for what is given. */
export function composition(given: Partial<Composition> = {}): Composition {
  return {
    from: mailbox('shop@example.com', 'The Shop'),
    to: [mailbox('ada@example.org', 'Ada Lovelace')],
    cc: [],
    replyTo: [],
    subject: 'Your order',
    text: 'It is on its way.\n',
    html: undefined,
    headers: [],
    attachments: [],
    messageIdHeader: '019a0000-0000-7000-8000-000000000001@example.com',
    date: new Date('2026-11-22T09:01:02Z'),
    correlationId: 'msg_019a0000000070008000000000000001',
    ...given,
  };
}
