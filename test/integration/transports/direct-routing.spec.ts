import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Fault, Moment } from '../../support/faulty-smtp-server.js';
import { DirectRig, handOver, mailZone } from './direct-rig.js';

const NOT_SENT = { reply: undefined, stage: 'CONNECT' };

describe('the way of a DirectTransport', () => {
  let rig: DirectRig;

  beforeAll(async () => {
    rig = await DirectRig.start();
  });

  afterEach(() => rig.clear());
  afterAll(() => rig.stop());

  it('is the MX with the lowest preference', async () => {
    const [first, second] = [await rig.sink('127.0.0.2'), await rig.sink('127.0.0.3')];
    rig.know(mailZone('to.test', { 'second.to.test': '127.0.0.3', 'first.to.test': '127.0.0.2' }, [20, 10]));
    expect(await handOver(rig.transport(), 'b@to.test')).toMatchObject({
      outcome: 'accepted',
      finalDestination: false,
    });
    expect([first.accepted, second.connections]).toEqual([1, 0]);
  });

  it('is shared by hosts of one preference, by chance', async () => {
    const [first, second] = [await rig.sink('127.0.0.2'), await rig.sink('127.0.0.3')];
    rig.know(mailZone('to.test', { 'a.to.test': '127.0.0.2', 'b.to.test': '127.0.0.3' }, [10, 10]));
    for (const chances of [
      [0.1, 0.9],
      [0.9, 0.1],
    ]) {
      let turn = 0;
      const transport = rig.transport({}, { random: () => chances[turn++ % 2] ?? 0 });
      await handOver(transport, 'b@to.test');
    }
    expect([first.accepted, second.accepted]).toEqual([1, 1]);
  });

  it('is asked of DNS once for many mails', async () => {
    await rig.sink('127.0.0.2');
    rig.know(mailZone('to.test', { 'mx.to.test': '127.0.0.2' }));
    const transport = rig.transport();
    await Promise.all(Array.from({ length: 20 }, (_, n) => handOver(transport, `r${n}@to.test`)));
    await handOver(transport, 'b@to.test');
    expect(rig.dns.questions.toSorted()).toEqual(['A mx.to.test', 'MX to.test', 'TXT _mta-sts.to.test']);
  });

  it('is the domain’s own address when there is no MX', async () => {
    const sink = await rig.sink('127.0.0.2');
    rig.know({ 'to.test': [{ name: 'to.test', type: 'A', data: '127.0.0.2' }] });
    expect(await handOver(rig.transport(), 'b@to.test')).toMatchObject({ outcome: 'accepted' });
    expect(sink.accepted).toBe(1);
  });

  it('does not exist, and the mail is refused at once', async () => {
    await rig.sink('127.0.0.2');
    rig.know({
      'null.test': [{ name: 'null.test', type: 'MX', data: { exchange: '.', preference: 0 } }],
      'bare.test': [{ name: 'bare.test', type: 'TXT', data: 'nothing' }],
      'nowhere.test': [{ name: 'nowhere.test', type: 'MX', data: { exchange: 'gone.nowhere.test', preference: 10 } }],
      'loop.test': [{ name: 'loop.test', type: 'MX', data: { exchange: 'client.test', preference: 10 } }],
    });
    const transport = rig.transport();
    const refused = (note: string, reason = 'BAD_DOMAIN') => ({
      ...NOT_SENT,
      outcome: 'refused',
      reason,
      note: expect.stringContaining(note),
    });
    expect(await handOver(transport, 'b@null.test')).toEqual(refused('5.1.10'));
    expect(await handOver(transport, 'b@missing.test')).toEqual(refused('5.1.2'));
    expect(await handOver(transport, 'b@bare.test')).toEqual(refused('no address (5.4.4)'));
    expect(await handOver(transport, 'b@nowhere.test')).toEqual(refused('no address (5.4.4)'));
    expect(await handOver(transport, 'b@loop.test')).toEqual(refused('5.4.6', 'PROVIDER_CONFIGURATION'));
    expect(await transport.siteOf('missing.test')).toBeUndefined();
  });

  it('is not known while the name servers fail, and the mail is put off', async () => {
    await rig.sink('127.0.0.2');
    rig.know({ ...mailZone('half.test', { 'broken.half.test': '127.0.0.2' }) });
    for (const name of ['broken.test', 'broken.half.test']) rig.dns.fail(name);
    const transport = rig.transport();
    const deferred = { ...NOT_SENT, outcome: 'deferred', reason: 'NETWORK' };
    expect(await handOver(transport, 'b@broken.test')).toMatchObject(deferred);
    expect(await handOver(transport, 'b@half.test')).toMatchObject(deferred);
    expect(await transport.siteOf('broken.test')).toBeUndefined();
  });

  it('passes over an MX that leads nowhere', async () => {
    const sink = await rig.sink('127.0.0.3');
    rig.know(mailZone('to.test', { 'gone.to.test': '127.0.0.2', 'there.to.test': '127.0.0.3' }));
    rig.know({ 'gone.to.test': [] });
    expect(await handOver(rig.transport(), 'b@to.test')).toMatchObject({ outcome: 'accepted' });
    expect(sink.accepted).toBe(1);
  });

  it.each(['127.0.0.2', '10.0.0.1', '169.254.169.254', '0.0.0.0'])(
    'never leads to %s unless that is allowed',
    async (address) => {
      const sink = await rig.sink('127.0.0.2');
      rig.know(mailZone('to.test', { 'mx.to.test': address }));
      expect(await handOver(rig.transport({ allowPrivateTargets: false }), 'b@to.test')).toMatchObject({
        ...NOT_SENT,
        outcome: 'refused',
        reason: 'BAD_DOMAIN',
      });
      expect(sink.connections).toBe(0);
    },
  );

  it('does not lead back to an address of ours', async () => {
    const sink = await rig.sink('127.0.0.2');
    rig.know(mailZone('to.test', { 'mx.to.test': '127.0.0.2' }));
    const transport = rig.transport({ sourceAddresses: [{ address: '127.0.0.2' }] });
    expect(await handOver(transport, 'b@to.test')).toMatchObject({ outcome: 'refused' });
    expect(sink.connections).toBe(0);
  });

  it('is not looked for with settings by which there can be none', () => {
    expect(() => rig.transport({ addressFamily: 'ipv6', sourceAddresses: [{ address: '127.0.0.5' }] })).toThrow(
      'no source address is of the address family that is wanted',
    );
  });

  describe('when the first host', () => {
    const ABOUT_THE_HOST: [string, Moment, Fault][] = [
      ['closes before its greeting', 'greeting', 'fin'],
      ['resets before its greeting', 'greeting', 'reset'],
      ['says nothing', 'greeting', 'hang'],
      ['greets with 421', 'greeting', { reply: '421 4.3.2 not now\r\n' }],
      ['greets with 554', 'greeting', { reply: '554 5.3.2 no service here\r\n' }],
      ['greets with something else', 'greeting', { reply: 'HTTP/1.1 400 Bad Request\r\n' }],
      ['refuses EHLO and HELO', 'ehlo', { reply: '451 4.3.0 no\r\n' }],
    ];

    it.each(ABOUT_THE_HOST)('%s, the next one gets the mail', async (_, at, fault) => {
      const faulty = await rig.faulty('127.0.0.2', { at, fault });
      const sink = await rig.sink('127.0.0.3');
      rig.know(mailZone('to.test', { 'first.to.test': '127.0.0.2', 'second.to.test': '127.0.0.3' }));
      const transport = rig.transport({ connectTimeoutMs: 500 });
      expect(await handOver(transport, 'b@to.test')).toMatchObject({ outcome: 'accepted' });
      expect([faulty.complete, sink.accepted]).toEqual([0, 1]);
    });

    it('is not there, the next one gets the mail, and the mails after it without asking there again', async () => {
      const sink = await rig.sink('127.0.0.3');
      rig.know(mailZone('to.test', { 'first.to.test': '127.0.0.2', 'second.to.test': '127.0.0.3' }));
      const transport = rig.transport();
      expect(await handOver(transport, 'b@to.test')).toMatchObject({ outcome: 'accepted' });
      const late = await rig.sink('127.0.0.2');
      expect(await handOver(transport, 'b@to.test')).toMatchObject({ outcome: 'accepted' });
      expect([late.connections, sink.accepted]).toEqual([0, 2]);
    });

    it.each([
      ['refuses the recipient', 'rcpt', { reply: '550 5.1.1 no\r\n' }, 'refused'],
      ['puts the recipient off', 'rcpt', { reply: '451 4.7.1 later\r\n' }, 'deferred'],
      ['closes at MAIL', 'mail', { reply: '421 4.3.2 bye\r\n', afterwards: 'fin' }, 'deferred'],
      ['breaks while the mail is written', 'body', 'reset', 'in_doubt'],
      ['refuses the mail', 'final', { reply: '554 5.7.1 no\r\n' }, 'refused'],
      ['breaks after the dot', 'final', 'reset', 'in_doubt'],
      ['closes after the dot', 'final', 'fin', 'in_doubt'],
    ] as const)('%s, nobody else is asked', async (_, at, fault, outcome) => {
      await rig.faulty('127.0.0.2', { at, fault });
      const sink = await rig.sink('127.0.0.3');
      rig.know(mailZone('to.test', { 'first.to.test': '127.0.0.2', 'second.to.test': '127.0.0.3' }));
      expect(await handOver(rig.transport(), 'b@to.test')).toMatchObject({ outcome });
      expect(sink.connections).toBe(0);
    });

    it('asks for less in words that are known, nobody else is asked', async () => {
      const reply = '421 4.7.0 Messages from 127.0.0.1 temporarily deferred due to user complaints\r\n';
      await rig.faulty('127.0.0.2', { at: 'greeting', fault: { reply } });
      const sink = await rig.sink('127.0.0.3');
      rig.know(mailZone('to.test', { 'first.to.test': '127.0.0.2', 'second.to.test': '127.0.0.3' }));
      expect(await handOver(rig.transport(), 'b@to.test')).toMatchObject({
        outcome: 'deferred',
        pushback: { scope: 'SITE', maxConnections: 1 },
      });
      expect(sink.connections).toBe(0);
    });
  });

  it('ends when no host takes the mail: deferred with what the last one said', async () => {
    await rig.faulty('127.0.0.2', { at: 'greeting', fault: 'fin' });
    await rig.faulty('127.0.0.3', { at: 'greeting', fault: { reply: '421 4.3.2 full\r\n' } });
    rig.know(mailZone('to.test', { 'first.to.test': '127.0.0.2', 'second.to.test': '127.0.0.3' }));
    expect(await handOver(rig.transport(), 'b@to.test')).toMatchObject({
      outcome: 'deferred',
      stage: 'GREETING',
      reply: { code: 421 },
      pushback: { scope: 'SITE' },
    });
  });

  it('tries five hosts, not all of many', async () => {
    const faulty = await rig.faulty('127.0.0.2', { at: 'greeting', fault: 'fin' });
    const hosts = Array.from({ length: 12 }, (_, n) => [`mx${n}.to.test`, '127.0.0.2'] as const);
    rig.know(mailZone('to.test', Object.fromEntries(hosts)));
    expect(await handOver(rig.transport(), 'b@to.test')).toMatchObject({ outcome: 'deferred' });
    expect(faulty.connections).toBe(5);
  });

  it('does not begin another host when its time is over', async () => {
    const faulty = await rig.faulty('127.0.0.2', { at: 'greeting', fault: 'hang' });
    const hosts = Array.from({ length: 5 }, (_, n) => [`mx${n}.to.test`, '127.0.0.2'] as const);
    rig.know(mailZone('to.test', Object.fromEntries(hosts)));
    const transport = rig.transport({ connectTimeoutMs: 300 });
    expect(await handOver(transport, 'b@to.test')).toMatchObject({ outcome: 'deferred', stage: 'GREETING' });
    expect(faulty.connections).toBeLessThanOrEqual(3);
  });

  it('leads over IPv4 where IPv6 does not answer', async () => {
    const sink = await rig.sink('127.0.0.2');
    rig.know({
      'to.test': [{ name: 'to.test', type: 'MX', data: { exchange: 'mx.to.test', preference: 10 } }],
      'mx.to.test': [
        { name: 'mx.to.test', type: 'AAAA', data: '::1' },
        { name: 'mx.to.test', type: 'A', data: '127.0.0.2' },
      ],
    });
    expect(await handOver(rig.transport({ addressFamily: 'prefer-ipv6' }), 'b@to.test')).toMatchObject({
      outcome: 'accepted',
    });
    expect(sink.accepted).toBe(1);
    expect(await handOver(rig.transport({ addressFamily: 'ipv6' }), 'b@to.test')).toMatchObject({
      outcome: 'deferred',
      stage: 'CONNECT',
    });
  });
});
