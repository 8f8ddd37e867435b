import type { Envelope, OutgoingMail } from '../../src/sending/transports/transport.js';
import { composition, mailbox } from './composition.js';

const FIELDS = { from: mailbox('a@from.test'), subject: 'contract', text: 'text', correlationId: 'msg_contract' };

/** A mail of which only the octets matter. */
export function outgoing(raw: Buffer): OutgoingMail {
  return { raw, composition: composition(FIELDS) };
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
