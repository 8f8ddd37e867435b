import { afterEach, describe, expect, it } from '@jest/globals';
import type { SmtpSettings } from '../../../src/sending/transports/smtp/smtp-settings.js';
import { SmtpTransport } from '../../../src/sending/transports/smtp/smtp-transport.js';
import { FaultySmtpServer, type Script } from '../../support/faulty-smtp-server.js';
import { outgoing, testEnvelope } from '../../support/outgoing-mail.js';
import { testSmtpSettings } from '../../support/smtp-settings.js';
import { SmtpSink, type SinkOptions } from '../../support/smtp-sink.js';
import { waitFor } from '../../support/wait-for.js';

const LONG = { connectTimeoutMs: 20_000, commandTimeoutMs: 20_000, finalReplyTimeoutMs: 20_000 };
const MAIL = outgoing(Buffer.from('Subject: probe\r\n\r\ntext\r\n'));

describe('a probe', () => {
  const stops: (() => Promise<void>)[] = [];

  afterEach(async () => {
    for (const stop of stops.splice(0).toReversed()) await stop();
  });

  function probing(port: number, settings: Partial<SmtpSettings> = {}): SmtpTransport {
    const transport = new SmtpTransport(testSmtpSettings({ port, ...LONG, ...settings }));
    stops.push(() => transport.close());
    return transport;
  }

  async function withSink(options: SinkOptions = {}, settings: Partial<SmtpSettings> = {}) {
    const sink = await SmtpSink.start(options);
    stops.push(() => sink.close());
    return { sink, transport: probing(sink.port, settings) };
  }

  async function withFaults(script: Script, settings: Partial<SmtpSettings> = {}) {
    const server = await FaultySmtpServer.start(script);
    stops.push(() => server.close());
    return { server, transport: probing(server.port, settings) };
  }

  it('opens a connection, which the next message and the next probe take', async () => {
    const { sink, transport } = await withSink();
    expect(await transport.probe()).toEqual({ alive: true, note: '' });
    expect(await transport.probe()).toEqual({ alive: true, note: '' });
    expect(await transport.handOver(testEnvelope(), MAIL)).toMatchObject({ outcome: 'accepted' });
    expect(await transport.probe()).toEqual({ alive: true, note: '' });
    expect(sink.connections).toBe(1);
    expect(sink.commands.filter((command) => command === 'NOOP')).toHaveLength(2);
  });

  it('opens another connection where the relay has ended the idle one', async () => {
    const fault = { reply: '421 4.4.2 idle too long\r\n', afterwards: 'fin' } as const;
    for (const ending of ['fin', 'reset', fault] as const) {
      const { server, transport } = await withFaults({ at: 'noop', fault: ending });
      expect(await transport.probe()).toEqual({ alive: true, note: '' });
      expect(await transport.probe()).toEqual({ alive: true, note: '' });
      expect(server.connections).toBe(2);
    }
  });

  it.each([
    ['nothing that listens', { at: 'greeting', fault: 'fin' }, /closed the connection/],
    ['a refusal', { at: 'greeting', fault: { reply: '554 5.3.2 no\r\n' } }, /check its settings: no/],
    ['garbage', { at: 'greeting', fault: { reply: 'HELLO\r\n' } }, /./],
    [
      'an authentication that fails',
      { at: 'auth', fault: { reply: '535 5.7.8 wrong\r\n' }, extensions: ['AUTH PLAIN'] },
      /check its settings: wrong/,
    ],
  ] as const)('finds %s', async (_, script, note) => {
    const auth = { method: 'PLAIN', user: 'u', pass: 'p' } as const;
    const { transport } = await withFaults(script, script.at === 'auth' ? { auth, tls: 'off' } : {});
    expect(await transport.probe()).toEqual({ alive: false, note: expect.stringMatching(note) });
  });

  it('finds that nobody listens', async () => {
    const { server, transport } = await withFaults({ at: 'greeting', fault: 'hang' });
    await server.close();
    stops.splice(0, 1);
    expect(await transport.probe()).toEqual({ alive: false, note: 'ECONNREFUSED' });
  });

  it.each([
    ['garbage', { reply: 'HELLO\r\n' }, 'the relay does not keep to SMTP'],
    ['a refusal', { reply: '454 4.7.0 not now\r\n' }, 'not now'],
    ['too much', 'huge', 'the relay does not keep to SMTP'],
  ] as const)('finds %s on an idle connection, which is not used again', async (_, fault, note) => {
    const { server, transport } = await withFaults({ at: 'noop', fault });
    await transport.probe();
    expect(await transport.probe()).toEqual({ alive: false, note });
    expect(await transport.handOver(testEnvelope(), MAIL)).toMatchObject({ outcome: 'accepted' });
    expect(server.connections).toBe(2);
  });

  it.concurrent.each(['greeting', 'ehlo', 'noop', 'drip'] as const)(
    'of a relay that hangs (%s) takes 5 seconds in all, however patient we are with mail',
    async (at) => {
      const slow = { drip: '220 slower than any deadline and longer than five seconds\r\n', everyMs: 400 };
      const script = at === 'drip' ? ({ at: 'greeting', fault: slow } as const) : ({ at, fault: 'hang' } as const);
      const server = await FaultySmtpServer.start(script);
      const transport = new SmtpTransport(testSmtpSettings({ port: server.port, ...LONG }));
      if (at === 'noop') await transport.probe();
      const started = Date.now();
      expect(await transport.probe()).toEqual({ alive: false, note: 'timed out' });
      expect(Date.now() - started).toBeGreaterThan(4900);
      expect(Date.now() - started).toBeLessThan(7000);
      await transport.close();
      await server.close();
    },
  );

  it('takes no connection that a message could want: none beyond the limit, none of a reserve', async () => {
    const { sink, transport } = await withSink({ delayMs: 300 }, { maxConnections: 4 });
    const bulk = Array.from({ length: 8 }, () => transport.handOver(testEnvelope({ lane: 'BULK' }), MAIL));
    await waitFor(() => sink.mails.length === 3);
    expect(await transport.probe()).toBeUndefined();
    expect(await transport.handOver(testEnvelope({ lane: 'OTP' }), MAIL)).toMatchObject({ outcome: 'accepted' });
    await Promise.all(bulk);
    expect(sink.mostOpen).toBeLessThanOrEqual(4);
    expect(await transport.probe()).toEqual({ alive: true, note: '' });
  });

  it('is not made once the transport is closed', async () => {
    const { sink, transport } = await withSink();
    await transport.close();
    expect(await transport.probe()).toBeUndefined();
    expect(sink.connections).toBe(0);
  });
});
