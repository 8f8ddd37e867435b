import { describe, expect, it } from '@jest/globals';
import { WireConnection } from '../../../src/sending/transports/wire-connection.js';
import { SmtpSink } from '../../support/smtp-sink.js';

/** Sends to one address while another was authorised; how it ended, and what the relay saw. */
async function sendTo(to: string, authorised: string, extensions: string[], inOnePiece: boolean) {
  const sink = await SmtpSink.start({ extensions });
  const connection = new WireConnection({ host: '127.0.0.1', port: sink.port, ignoreTLS: true, socketCloseTimeout: 0 });
  const ended = new Promise<'ended'>((resolve) => connection.once('end', () => resolve('ended')));
  await new Promise<void>((resolve) => connection.connect(() => resolve()));
  connection.expected = { to: authorised, smtpUtf8: false, inOnePiece };
  const sent = new Promise<'sent'>((resolve) => {
    connection.send({ from: 'a@from.test', to: [to] }, Buffer.from('x'), (error) => error === null && resolve('sent'));
  });
  const outcome = await Promise.race([ended, sent]);
  connection.close();
  await sink.close();
  return { outcome, accepted: sink.accepted, recipients: sink.commands.filter((line) => line.startsWith('RCPT')) };
}

describe('WireConnection', () => {
  it.each([
    { extensions: ['PIPELINING'], inOnePiece: true },
    { extensions: ['PIPELINING'], inOnePiece: false },
    { extensions: [], inOnePiece: true },
    { extensions: [], inOnePiece: false },
  ])('writes no recipient but the authorised one (%j)', async ({ extensions, inOnePiece }) => {
    expect(await sendTo('b@to.test', 'b@to.test', extensions, inOnePiece)).toEqual({
      outcome: 'sent',
      accepted: 1,
      recipients: ['RCPT TO:<b@to.test>'],
    });
    expect(await sendTo('evil@to.test', 'b@to.test', extensions, inOnePiece)).toEqual({
      outcome: 'ended',
      accepted: 0,
      recipients: [],
    });
  });
});
