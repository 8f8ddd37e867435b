import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '../../support/wait-for.js';
import { DirectRig, handOver, mailZone } from './direct-rig.js';

describe('the sites of a DirectTransport', () => {
  let rig: DirectRig;

  beforeAll(async () => {
    rig = await DirectRig.start();
  });

  afterEach(() => rig.clear());
  afterAll(() => rig.stop());

  const HOSTS = { 'mx1.provider.test': '127.0.0.2', 'mx2.provider.test': '127.0.0.3' };

  it('are named after the hosts: two domains with the same MX share one, and its connections', async () => {
    const sink = await rig.sink('127.0.0.2');
    rig.know({ ...mailZone('one.test', HOSTS), ...mailZone('two.test', HOSTS) });
    const transport = rig.transport();
    expect(await transport.siteOf('one.test')).toEqual({
      name: '(mx1|mx2).provider.test',
      limits: { maxConnections: 10, perSecond: 100 },
    });
    expect(await transport.siteOf('two.test')).toEqual(await transport.siteOf('one.test'));
    await handOver(transport, 'a@one.test');
    await handOver(transport, 'b@two.test');
    await handOver(transport, 'c@one.test');
    expect([sink.connections, sink.accepted]).toEqual([1, 3]);
  });

  it('of a provider are one, however its hosts are called', async () => {
    rig.know({
      ...mailZone('contoso.test', { 'contoso-test.mail.protection.outlook.com': '127.0.0.2' }),
      ...mailZone('fabrikam.test', { 'fabrikam-test.mail.protection.outlook.com': '127.0.0.2' }),
    });
    const transport = rig.transport();
    const site = { name: 'office365', limits: { maxConnections: 5, perSecond: 100 } };
    expect(await transport.siteOf('contoso.test')).toEqual(site);
    expect(await transport.siteOf('fabrikam.test')).toEqual(site);
  });

  it('see no more connections than the limit, all their hosts together, idle ones too', async () => {
    const first = await rig.sink('127.0.0.2', { delayMs: 2 });
    const second = await rig.sink('127.0.0.3', { delayMs: 2 });
    rig.know(mailZone('to.test', HOSTS, [10, 10]));
    const transport = rig.transport({ maxConnections: 3 });
    let most = 0;
    const watch = setInterval(() => (most = Math.max(most, first.open + second.open)), 1);
    const results = await Promise.all(Array.from({ length: 60 }, (_, n) => handOver(transport, `r${n}@to.test`)));
    clearInterval(watch);
    expect(results.every(({ outcome }) => outcome === 'accepted')).toBe(true);
    expect(first.accepted + second.accepted).toBe(60);
    expect(most).toBe(3);
    // Who finds an idle connection uses it, to whichever of the equal hosts it leads.
    expect(first.connections + second.connections).toBe(3);
  });

  it('end an idle connection to one host for a connection to another', async () => {
    const [first, second] = [await rig.sink('127.0.0.2'), await rig.sink('127.0.0.3')];
    rig.know({
      ...mailZone('one.test', { 'one.mail.protection.outlook.com': '127.0.0.2' }),
      ...mailZone('two.test', { 'two.mail.protection.outlook.com': '127.0.0.3' }),
    });
    const transport = rig.transport({ maxConnections: 1 });
    for (const to of ['a@one.test', 'b@two.test', 'c@one.test']) {
      expect(await handOver(transport, to)).toMatchObject({ outcome: 'accepted' });
      expect(first.open + second.open).toBe(1);
    }
    expect([first.connections, second.connections]).toEqual([2, 1]);
  });

  it('end a connection after the messages that the site takes on one, and an idle one after seconds', async () => {
    const sink = await rig.sink('127.0.0.2');
    rig.know(mailZone('to.test', { 'mx01.mail.icloud.com': '127.0.0.2' }));
    const transport = rig.transport();
    for (let n = 0; n < 11; n += 1) await handOver(transport, `r${n}@to.test`);
    expect(sink.connections).toBe(3);
    expect(sink.open).toBe(1);
    await waitFor(() => sink.open === 0);
    expect(sink.commands.at(-1)).toBe('QUIT');
  });

  it('that end a connection meanwhile cost no mail', async () => {
    const server = await rig.faulty('127.0.0.2', { at: 'mail', fault: 'fin', fromMessage: 2, connections: 1 });
    rig.know(mailZone('to.test', { 'mx.to.test': '127.0.0.2' }));
    const transport = rig.transport();
    expect(await handOver(transport, 'a@to.test')).toMatchObject({ outcome: 'accepted' });
    expect(await handOver(transport, 'b@to.test')).toMatchObject({ outcome: 'accepted' });
    expect([server.connections, server.complete]).toEqual([2, 2]);
  });

  it('whose places are all held make the next mail wait, and in the end put it off', async () => {
    await rig.faulty('127.0.0.2', { at: 'final', fault: 'hang' });
    rig.know(mailZone('to.test', { 'mx.to.test': '127.0.0.2' }));
    const transport = rig.transport({ maxConnections: 1, connectTimeoutMs: 100, finalReplyTimeoutMs: 1500 });
    const first = handOver(transport, 'a@to.test');
    expect(await handOver(transport, 'b@to.test')).toMatchObject({
      outcome: 'deferred',
      stage: 'CONNECT',
      note: 'no connection to the site became free',
    });
    expect(await first).toMatchObject({ outcome: 'in_doubt' });
  });

  it('end at close, idle connections and those who wait', async () => {
    const sink = await rig.sink('127.0.0.2', { delayMs: 50 });
    rig.know(mailZone('to.test', { 'mx.to.test': '127.0.0.2' }));
    const transport = rig.transport({ maxConnections: 1 });
    const results = Promise.all(['a@to.test', 'b@to.test'].map((to) => handOver(transport, to)));
    await waitFor(() => sink.mails.length === 1);
    await transport.close();
    expect((await results).map(({ outcome }) => outcome)).toEqual(['accepted', 'deferred']);
    await waitFor(() => sink.open === 0);
    expect(await handOver(transport, 'c@to.test')).toMatchObject({ outcome: 'deferred', stage: 'CONNECT' });
  });

  it.each([
    ['450 4.2.1 The user you are trying to contact is receiving mail at a rate that …', undefined],
    ['452 4.2.2 mailbox full', undefined],
    ['451 4.7.1 Greylisted', undefined],
    ['550 5.1.1 no such user', undefined],
    ['421 4.7.0 too many connections', { scope: 'SITE' }],
    [
      '451 4.7.500 Server busy. Please try again later from [127.0.0.1].',
      { scope: 'SITE', perSecond: 1 / 60, maxConnections: 1, forMs: 5_400_000 },
    ],
  ])('that say %j ask for %j', async (refusal, pushback) => {
    await rig.sink('127.0.0.2', { refuse: () => refusal });
    rig.know(mailZone('to.test', { 'mx.to.test': '127.0.0.2' }));
    const result = await handOver(rig.transport(), 'b@to.test');
    expect('pushback' in result ? result.pushback : undefined).toEqual(pushback);
  });

  it('are suspended once they have said so often enough', async () => {
    const refuse = (): string => '421 4.7.0 [TSS04] Messages from 127.0.0.1 temporarily deferred';
    await rig.sink('127.0.0.2', { refuse });
    rig.know(mailZone('to.test', { 'mta5.am0.yahoodns.net': '127.0.0.2' }));
    const transport = rig.transport();
    expect(await handOver(transport, 'a@to.test')).toMatchObject({ pushback: { scope: 'SITE' } });
    expect(await handOver(transport, 'b@to.test')).toMatchObject({ pushback: { retryAfterMs: 2 * 60 * 60_000 } });
  });
});
