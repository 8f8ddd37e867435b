import type { Envelope, OutgoingMail } from '../../src/sending/transports/transport.js';
import type { EmailAddress } from '../../src/domain/email-address.js';

const address: EmailAddress = { local: 'a', domain: 'from.test', value: 'a@from.test', utf8Local: false };

/** A mail of which only the octets matter. */
export function outgoing(raw: Buffer): OutgoingMail {
  return {
    raw,
    composition: {
      from: { address, name: undefined },
      to: [],
      cc: [],
      replyTo: [],
      subject: 'contract',
      text: 'text',
      html: undefined,
      headers: [],
      attachments: [],
      messageIdHeader: 'id@from.test',
      date: new Date('2026-01-01T00:00:00Z'),
      correlationId: 'msg_contract',
    },
  };
}

/** An envelope of which a test says only what it is about. */
export function testEnvelope(changes: Partial<Envelope> = {}): Envelope {
  return {
    from: 'a@from.test',
    to: 'b@to.test',
    smtpUtf8: false,
    envid: 't.m.0.1',
    lane: 'TRANSACTIONAL',
    recipientKey: 't_m_0',
    ...changes,
  };
}
