import { afterEach, describe, expect, it } from '@jest/globals';
import type { Lane } from '../../../src/domain/lane.js';
import type { SmtpSettings } from '../../../src/sending/transports/smtp/smtp-settings.js';
import { SmtpTransport } from '../../../src/sending/transports/smtp/smtp-transport.js';
import type { Envelope, HandOverResult } from '../../../src/sending/transports/transport.js';
import { FaultySmtpServer, type Script } from '../../support/faulty-smtp-server.js';
import { SmtpSink, type SinkOptions } from '../../support/smtp-sink.js';
import { testSmtpSettings } from '../../support/smtp-settings.js';
import { waitFor } from '../../support/wait-for.js';
import { outgoing, testEnvelope } from '../../support/outgoing-mail.js';

const RAW = Buffer.from('Subject: pool\r\n\r\ntext\r\n');
const LONG = { connectTimeoutMs: 8000, commandTimeoutMs: 8000, finalReplyTimeoutMs: 8000 };

const CHUNKING = ['PIPELINING', 'CHUNKING', '8BITMIME'];

const envelope = (n: number): Envelope => testEnvelope({ to: `r${n}@to.test`, envid: `t.m.${n}.1` });

describe('the connections of an SmtpTransport', () => {
  const stops: (() => Promise<void>)[] = [];

  afterEach(async () => {
    for (const stop of stops.splice(0).toReversed()) await stop();
  });

  async function withSink(settings: Partial<SmtpSettings>, options: SinkOptions = {}) {
    const sink = await SmtpSink.start(options);
    const transport = new SmtpTransport(testSmtpSettings({ port: sink.port, ...LONG, ...settings }));
    stops.push(
      () => sink.close(),
      () => transport.close(),
    );
    return { sink, transport };
  }

  async function withFaults(script: Script, settings: Partial<SmtpSettings> = {}) {
    const server = await FaultySmtpServer.start(script);
    const used = testSmtpSettings({ port: server.port, maxConnections: 1, ...LONG, ...settings });
    const transport = new SmtpTransport(used);
    stops.push(
      () => server.close(),
      () => transport.close(),
    );
    return { server, transport };
  }

  const many = (transport: SmtpTransport, count: number): Promise<HandOverResult[]> =>
    Promise.all(Array.from({ length: count }, (_, n) => transport.handOver(envelope(n), outgoing(RAW))));

  it('are kept and used again', async () => {
    const { sink, transport } = await withSink({});
    for (let n = 0; n < 5; n += 1) await transport.handOver(envelope(n), outgoing(RAW));
    expect(sink.connections).toBe(1);
    expect(sink.accepted).toBe(5);
  });

  it('are never more than the limit, and those who wait are served in order', async () => {
    const { sink, transport } = await withSink({ maxConnections: 3 }, { delayMs: 2 });
    const results = await many(transport, 60);
    expect(results.every(({ outcome }) => outcome === 'accepted')).toBe(true);
    expect(sink.mostOpen).toBe(3);
    expect(sink.connections).toBe(3);
    const order = sink.mails.map(({ to }) => Number(/\d+/.exec(to[0] ?? '')?.[0]));
    // Three at a time: nobody is overtaken by more than the two beside him.
    order.forEach((n, place) => expect(Math.abs(n - place)).toBeLessThan(3));
  });

  it('are replaced after their share of messages, without exceeding the limit', async () => {
    const { sink, transport } = await withSink({ maxConnections: 2, messagesPerConnection: 4 });
    await many(transport, 24);
    expect(sink.accepted).toBe(24);
    expect(sink.connections).toBe(6);
    expect(sink.mostOpen).toBeLessThanOrEqual(2);
    expect(sink.commands.filter((command) => command === 'QUIT').length).toBeGreaterThanOrEqual(4);
  });

  it('end when nobody has used them for a while', async () => {
    const { sink, transport } = await withSink({ idleMs: 50 });
    await transport.handOver(envelope(0), outgoing(RAW));
    await waitFor(() => sink.open === 0);
    expect(sink.commands.at(-1)).toBe('QUIT');
    expect(await transport.handOver(envelope(1), outgoing(RAW))).toMatchObject({ outcome: 'accepted' });
    expect(sink.connections).toBe(2);
  });

  it('are not used again once the relay has ended them', async () => {
    const { sink, transport } = await withSink({});
    await transport.handOver(envelope(0), outgoing(RAW));
    sink.hangUp();
    await waitFor(() => sink.open === 0);
    expect(await transport.handOver(envelope(1), outgoing(RAW))).toMatchObject({ outcome: 'accepted' });
    expect(sink.accepted).toBe(2);
  });

  it.each(['fin', 'reset', { reply: '421 4.4.2 idle too long\r\n', afterwards: 'fin' }] as const)(
    'found dead at MAIL (%j) are replaced at once, and the mail is sent once',
    async (fault) => {
      const { server, transport } = await withFaults({ at: 'mail', fault, fromMessage: 2, connections: 1 });
      expect(await transport.handOver(envelope(0), outgoing(RAW))).toMatchObject({ outcome: 'accepted' });
      expect(await transport.handOver(envelope(1), outgoing(RAW))).toMatchObject({ outcome: 'accepted' });
      expect(server.connections).toBe(2);
      expect(server.complete).toBe(2);
    },
  );

  it('that close at MAIL are replaced also when the message was written with it', async () => {
    const fault = { reply: '421 4.7.0 enough\r\n', afterwards: 'fin' } as const;
    const script = { at: 'mail', fault, fromMessage: 2, connections: 1, extensions: CHUNKING } as const;
    const { server, transport } = await withFaults(script);
    for (let n = 0; n < 3; n += 1)
      expect(await transport.handOver(envelope(n), outgoing(RAW))).toMatchObject({ outcome: 'accepted' });
    expect(server.connections).toBe(2);
    expect(server.complete).toBe(3);
  });

  it('found dead are replaced once, not for ever', async () => {
    const { server, transport } = await withFaults({ at: 'mail', fault: 'fin', fromMessage: 2 });
    await transport.handOver(envelope(0), outgoing(RAW));
    expect(await transport.handOver(envelope(1), outgoing(RAW))).toMatchObject({ outcome: 'accepted' });
    expect(server.connections).toBe(2);
    expect(server.complete).toBe(2);
  });

  it('are not used again after a reply to nothing: those to come would belong to the wrong commands', async () => {
    const fault = { reply: '250 2.0.0 Ok\r\n250 2.0.0 and again\r\n' };
    const { server, transport } = await withFaults({ at: 'final', fault });
    expect(await transport.handOver(envelope(0), outgoing(RAW))).toMatchObject({ outcome: 'accepted' });
    expect(await transport.handOver(envelope(1), outgoing(RAW))).toMatchObject({ outcome: 'accepted' });
    expect(server.connections).toBe(2);
    expect(server.complete).toBe(2);
  });

  it('go on after a lone dot: the relay had taken DATA without a recipient', async () => {
    const { server, transport } = await withFaults({
      at: 'rcpt',
      fault: { reply: '550 5.1.1 no\r\n' },
      also: { final: { reply: '554 5.5.1 no\r\n' } },
    });
    expect(await transport.handOver(envelope(0), outgoing(RAW))).toMatchObject({ outcome: 'refused', stage: 'RCPT' });
    expect(await transport.handOver(envelope(1), outgoing(RAW))).toMatchObject({ outcome: 'refused', stage: 'RCPT' });
    expect(server.connections).toBe(1);
  });

  it.each(['rcpt', 'data', 'final'] as const)('lost later than MAIL (%s) are not tried again by us', async (at) => {
    const { server, transport } = await withFaults({ at, fault: 'fin', fromMessage: 2 });
    await transport.handOver(envelope(0), outgoing(RAW));
    expect((await transport.handOver(envelope(1), outgoing(RAW))).outcome).toBe(
      at === 'final' ? 'in_doubt' : 'deferred',
    );
    expect(server.connections).toBe(1);
  });

  it('that hang at MAIL are not tried again: the slot has been held long enough', async () => {
    const { server, transport } = await withFaults(
      { at: 'mail', fault: 'hang', fromMessage: 2 },
      { commandTimeoutMs: 300 },
    );
    await transport.handOver(envelope(0), outgoing(RAW));
    expect(await transport.handOver(envelope(1), outgoing(RAW))).toMatchObject({
      outcome: 'deferred',
      note: 'timed out',
    });
    expect(server.connections).toBe(1);
  });

  it('survive a refusal: the next message starts with RSET', async () => {
    const refuse = (to: string): string | undefined => (to === 'r0@to.test' ? '550 5.1.1 no' : undefined);
    const { sink, transport } = await withSink({ maxConnections: 1 }, { refuse });
    expect(await transport.handOver(envelope(0), outgoing(RAW))).toMatchObject({ outcome: 'refused' });
    expect(await transport.handOver(envelope(1), outgoing(RAW))).toMatchObject({ outcome: 'accepted' });
    expect(sink.connections).toBe(1);
    expect(sink.commands).toContain('RSET');
  });

  it('that fail free their place: nobody waits for a dead one', async () => {
    const { transport } = await withFaults({ at: 'greeting', fault: 'fin' });
    const results = await many(transport, 10);
    expect(results.map((result) => ('stage' in result ? result.stage : ''))).toEqual(Array(10).fill('GREETING'));
  });

  it('end at close: idle ones at once, busy ones after their message, and who waits is deferred', async () => {
    const { sink, transport } = await withSink({ maxConnections: 2 }, { delayMs: 100 });
    await transport.handOver(envelope(0), outgoing(RAW));
    const results = many(transport, 5);
    await waitFor(() => sink.mails.length === 3);
    await transport.close();
    const outcomes = (await results).map(({ outcome }) => outcome);
    expect(outcomes).toEqual(['accepted', 'accepted', 'deferred', 'deferred', 'deferred']);
    await waitFor(() => sink.open === 0);
    expect(sink.accepted).toBe(3);
  });
});

describe('the lanes of an SmtpTransport', () => {
  it('leave connections to those above: a code never waits for a bulk message to end', async () => {
    const sink = await SmtpSink.start({ delayMs: 1000 });
    const transport = new SmtpTransport(testSmtpSettings({ port: sink.port, ...LONG, maxConnections: 5 }));
    let ended = 0;
    const send = async (lane: Lane, n: number): Promise<void> => {
      const result = await transport.handOver({ ...envelope(n), lane }, outgoing(RAW));
      expect(result.outcome).toBe('accepted');
      ended += 1;
    };
    const bulk = Array.from({ length: 5 }, (_, n) => send('BULK', n));
    await waitFor(() => sink.mails.length === 3);
    expect(sink.open).toBe(3);

    const codes = [send('OTP', 100), send('OTP', 101)];
    await waitFor(() => sink.mails.length === 5);
    expect(new Set(sink.mails.slice(3).map(({ to }) => to[0]))).toEqual(new Set(['r100@to.test', 'r101@to.test']));
    expect(ended).toBe(0);
    await Promise.all([...codes, ...bulk]);
    expect(sink.mostOpen).toBe(5);
    await transport.close();
    await sink.close();
  });

  it('are served in their order where all wait', async () => {
    const sink = await SmtpSink.start({ delayMs: 20 });
    const transport = new SmtpTransport(testSmtpSettings({ port: sink.port, ...LONG, maxConnections: 1 }));
    const lanes = ['BULK', 'BULK', 'NOTIFICATION', 'OTP', 'TRANSACTIONAL', 'OTP'] as const;
    const sent = lanes.map((lane, n) => transport.handOver({ ...envelope(n), lane }, outgoing(RAW)));
    await Promise.all(sent);
    expect(sink.mails.map(({ to }) => to[0]?.slice(0, 2))).toEqual(['r0', 'r3', 'r5', 'r4', 'r2', 'r1']);
    await transport.close();
    await sink.close();
  });
});
