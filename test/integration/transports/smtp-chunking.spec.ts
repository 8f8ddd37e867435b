import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { SmtpTransport } from '../../../src/sending/transports/smtp/smtp-transport.js';
import type { Envelope } from '../../../src/sending/transports/transport.js';
import { FaultySmtpServer } from '../../support/faulty-smtp-server.js';
import { SmtpSink, type SinkOptions } from '../../support/smtp-sink.js';
import { testSmtpSettings } from '../../support/smtp-settings.js';
import { outgoing, testEnvelope } from '../../support/outgoing-mail.js';

const RAW = Buffer.from('Subject: pool\r\n\r\ntext\r\n');
const LONG = { connectTimeoutMs: 8000, commandTimeoutMs: 8000, finalReplyTimeoutMs: 8000 };

const CHUNKING = ['PIPELINING', 'CHUNKING', '8BITMIME'];

const envelope = (n: number): Envelope => testEnvelope({ to: `r${n}@to.test`, envid: `t.m.${n}.1` });

describe('an SmtpTransport where CHUNKING is offered', () => {
  const stops: (() => Promise<void>)[] = [];

  afterEach(async () => {
    for (const stop of stops.splice(0).toReversed()) await stop();
  });

  async function withSink(options: SinkOptions = {}) {
    const sink = await SmtpSink.start({ extensions: CHUNKING, ...options });
    const transport = new SmtpTransport(testSmtpSettings({ port: sink.port, ...LONG, maxConnections: 1 }));
    stops.push(
      () => sink.close(),
      () => transport.close(),
    );
    const send = (n: number, raw = RAW) => transport.handOver(envelope(n), outgoing(raw));
    return { sink, transport, send };
  }

  const chunks = (sink: SmtpSink): string[] => sink.commands.filter((command) => command.startsWith('BDAT'));

  it('asks with the first line, and then sends all in one write', async () => {
    const { sink, send } = await withSink();
    for (let n = 0; n < 3; n += 1) expect(await send(n)).toMatchObject({ outcome: 'accepted' });
    expect(chunks(sink)).toEqual(['BDAT 15', 'BDAT 8 LAST', 'BDAT 23 LAST', 'BDAT 23 LAST']);
    expect(sink.mails.map(({ raw }) => raw.toString())).toEqual(Array(3).fill(RAW.toString()));
    expect(sink.commands).not.toContain('DATA');
  });

  it('asks again after a pause, in which the relay may have ended the connection', async () => {
    const { sink, send } = await withSink();
    await send(0);
    const now = performance.now();
    const clock = jest.spyOn(performance, 'now').mockReturnValue(now + 1000);
    stops.push(() => Promise.resolve(clock.mockRestore()));
    await send(1);
    expect(chunks(sink)).toEqual(['BDAT 15', 'BDAT 8 LAST', 'BDAT 15', 'BDAT 8 LAST']);
  });

  it('asks before megabytes, and sends none to a refused recipient', async () => {
    const { sink, send } = await withSink({ refuse: (to) => (to === 'r1@to.test' ? '550 5.1.1 no' : undefined) });
    const large = Buffer.alloc(1_000_000, 'line of text, 30 characters..\r\n');
    await send(0);
    expect(await send(1, large)).toMatchObject({ outcome: 'refused', stage: 'RCPT' });
    expect(await send(2)).toMatchObject({ outcome: 'accepted' });
    expect(chunks(sink)).toEqual(['BDAT 15', 'BDAT 8 LAST', 'BDAT 31', 'BDAT 23 LAST']);
    expect(sink.connections).toBe(1);
  });

  it('goes on with RSET after a refused recipient whose message was written', async () => {
    const { sink, send } = await withSink({ refuse: (to) => (to === 'r1@to.test' ? '550 5.1.1 no' : undefined) });
    await send(0);
    expect(await send(1)).toMatchObject({ outcome: 'refused', stage: 'RCPT' });
    expect(await send(2)).toMatchObject({ outcome: 'accepted' });
    expect(sink.connections).toBe(1);
    expect(sink.commands.slice(-4)).toEqual(['RSET', expect.any(String), expect.any(String), 'BDAT 23 LAST']);
  });

  it.each([500, 502, 503, 504])('falls back to DATA when BDAT is answered with %d, and remembers it', async (code) => {
    const fault = { reply: `${code} 5.5.1 no\r\n` };
    const server = await FaultySmtpServer.start({ at: 'data', fault, connections: 1, extensions: CHUNKING });
    const transport = new SmtpTransport(testSmtpSettings({ port: server.port, ...LONG }));
    stops.push(
      () => server.close(),
      () => transport.close(),
    );
    for (let n = 0; n < 3; n += 1)
      expect(await transport.handOver(envelope(n), outgoing(RAW))).toMatchObject({ outcome: 'accepted' });
    expect(server.commands.filter((command) => /^(BDAT|DATA)/.test(command))).toEqual([
      'BDAT 15',
      ...Array<string>(3).fill('DATA'),
    ]);
    expect(server.complete).toBe(3);
    expect(server.connections).toBe(2);
  });

  it('lets a relay that takes the message for commands see none that was not ours', async () => {
    const server = await FaultySmtpServer.start({
      at: 'greeting',
      fault: { reply: '220 faulty.test ESMTP\r\n' },
      extensions: CHUNKING,
      knowsNoChunks: true,
    });
    const transport = new SmtpTransport(testSmtpSettings({ port: server.port, ...LONG }));
    stops.push(
      () => server.close(),
      () => transport.close(),
    );
    const smuggled = Buffer.from('Subject: x\r\n\r\nMAIL FROM:<x@evil.test>\r\nRCPT TO:<y@evil.test>\r\nDATA\r\n');
    expect(await transport.handOver(envelope(0), outgoing(smuggled))).toMatchObject({ outcome: 'accepted' });
    expect(server.commands.filter((command) => command.includes('evil'))).toEqual([]);
    expect(server.complete).toBe(1);
  });
});
