import { describe, expect, it } from '@jest/globals';
import { SmtpTransport } from '../../../src/sending/transports/smtp/smtp-transport.js';
import type { Envelope } from '../../../src/sending/transports/transport.js';
import { SmtpSink } from '../../support/smtp-sink.js';
import { testSmtpSettings } from '../../support/smtp-settings.js';
import { outgoing, testEnvelope } from '../../support/outgoing-mail.js';

const RAW = Buffer.from('Subject: pool\r\n\r\ntext\r\n');
const LONG = { connectTimeoutMs: 8000, commandTimeoutMs: 8000, finalReplyTimeoutMs: 8000 };

const envelope = (n: number): Envelope => testEnvelope({ to: `r${n}@to.test`, envid: `t.m.${n}.1` });

describe('what an SmtpTransport writes', () => {
  it('names the attempt in ENVID where DSN is offered, the size and SMTPUTF8 where they are', async () => {
    const sink = await SmtpSink.start();
    const transport = new SmtpTransport(testSmtpSettings({ port: sink.port, ...LONG }));
    await transport.handOver({ ...envelope(0), smtpUtf8: true, envid: 'tenant.message.0.1' }, outgoing(RAW));
    expect(sink.commands.filter((command) => /^(MAIL|RCPT)/.test(command))).toEqual([
      'MAIL FROM:<a@from.test> BODY=8BITMIME SIZE=23 ENVID=tenant.message.0.1 SMTPUTF8',
      'RCPT TO:<r0@to.test>',
    ]);
    await transport.close();
    await sink.close();
  });

  it('may take longer than a command, as long as it goes on', async () => {
    const sink = await SmtpSink.start({ restMs: 5 });
    const settings = testSmtpSettings({ port: sink.port, ...LONG, commandTimeoutMs: 800 });
    const transport = new SmtpTransport(settings);
    const started = Date.now();
    const raw = Buffer.alloc(12 * 1024 * 1024, 'line of text, 30 characters..\r\n');
    expect(await transport.handOver(envelope(0), outgoing(raw))).toMatchObject({ outcome: 'accepted' });
    expect(Date.now() - started).toBeGreaterThan(settings.commandTimeoutMs);
    await transport.close();
    await sink.close();
  });

  it('comes from the address that was asked for', async () => {
    const sink = await SmtpSink.start();
    const settings = testSmtpSettings({ port: sink.port, ...LONG, host: 'localhost', sourceAddress: '127.0.0.9' });
    const transport = new SmtpTransport(settings);
    expect(await transport.handOver(envelope(0), outgoing(RAW))).toMatchObject({ outcome: 'accepted' });
    expect([...sink.peers]).toEqual(['127.0.0.9']);
    await transport.close();
    await sink.close();
  });

  it('does not write what the relay cannot take', async () => {
    const sink = await SmtpSink.start({ extensions: ['SIZE 20'] });
    const transport = new SmtpTransport(testSmtpSettings({ port: sink.port, ...LONG }));
    const international = await transport.handOver({ ...envelope(0), smtpUtf8: true }, outgoing(Buffer.from('x')));
    expect(international).toMatchObject({ outcome: 'refused', stage: 'MAIL', reply: undefined });
    expect(international).toMatchObject({ note: expect.stringContaining('SMTPUTF8') });
    expect(await transport.handOver(envelope(0), outgoing(RAW))).toMatchObject({ outcome: 'refused', stage: 'MAIL' });
    expect(sink.commands.filter((command) => command.startsWith('MAIL'))).toEqual([]);
    await transport.close();
    await sink.close();
  });
});
