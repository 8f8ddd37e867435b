import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Pools } from '../../../src/database/pools.js';
import { preferredFor, utcDay } from '../../../src/domain/warm-up.js';
import type { SourceAddress } from '../../../src/sending/transports/direct/direct-settings.js';
import { SourceAddressUseRepository } from '../../../src/sending/transports/direct/source-address-use.repository.js';
import { DirectRig, handOver, mailZone } from './direct-rig.js';

const OLD: SourceAddress = { address: '127.0.0.6' };
const NEW_ADDRESS = '127.0.0.5';

/** Allowance of a first day. */
const FIRST_DAY = 50;

/** A site that is used to that one of the two addresses. */
function siteOf(address: string): string {
  const names = Array.from({ length: 50 }, (_, n) => `mx${n}.to.test`);
  const sources = [OLD, { address: NEW_ADDRESS }];
  return names.find((name) => preferredFor(name, sources)[0]?.address === address) ?? '';
}

describe('the addresses a DirectTransport sends from', () => {
  let rig: DirectRig;
  let otherPools: Pools;

  beforeAll(async () => {
    rig = await DirectRig.start();
    otherPools = new Pools(rig.url, { databasePool: 2, workerPool: 2 });
  });

  afterEach(() => rig.clear());
  afterAll(async () => {
    await otherPools.close();
    await rig.stop();
  });

  const now = new Date('2026-03-01T18:00:00Z');
  const fresh: SourceAddress = { address: NEW_ADDRESS, warmUpSince: now };
  const clock = { now: () => now };

  const used = async (): Promise<unknown[]> =>
    (await rig.pools.main.query('select host(address) address, day::text, used from source_address_use order by day'))
      .rows;

  it('are those of the settings, the same one for a site', async () => {
    const sink = await rig.sink('127.0.0.2');
    rig.know({
      ...mailZone('old.test', { [siteOf(OLD.address)]: '127.0.0.2' }),
      ...mailZone('new.test', { [siteOf(NEW_ADDRESS)]: '127.0.0.2' }),
    });
    const transport = rig.transport({ sourceAddresses: [OLD, { address: NEW_ADDRESS }] });
    for (let n = 0; n < 5; n += 1) {
      await handOver(transport, `old-${n}@old.test`);
      await handOver(transport, `new-${n}@new.test`);
    }
    for (const { to, client } of sink.mails) {
      expect(client).toBe(to[0]?.startsWith('old') === true ? OLD.address : NEW_ADDRESS);
    }
    expect(sink.accepted).toBe(10);
    expect(await used()).toEqual([]);
  });

  it('send what a warming one may in a day, over all processes, and the rest from an established one', async () => {
    const sink = await rig.sink('127.0.0.2');
    rig.know(mailZone('to.test', { [siteOf(NEW_ADDRESS)]: '127.0.0.2' }));
    const settings = { sourceAddresses: [OLD, fresh] };
    const transports = [
      rig.transport(settings, clock),
      rig.transport(settings, { ...clock, addressUse: new SourceAddressUseRepository(otherPools) }),
    ];
    const results = await Promise.all(
      Array.from({ length: 140 }, (_, n) => transports[n % 2] ?? rig.transport()).map((transport, n) =>
        handOver(transport, `r${n}@to.test`),
      ),
    );
    expect(results.filter(({ outcome }) => outcome === 'accepted')).toHaveLength(140);
    expect(sink.mails.filter(({ client }) => client === NEW_ADDRESS)).toHaveLength(FIRST_DAY);
    expect(sink.mails.filter(({ client }) => client === OLD.address)).toHaveLength(140 - FIRST_DAY);
    expect(await used()).toEqual([{ address: NEW_ADDRESS, day: '2026-03-01', used: FIRST_DAY }]);
  });

  it('put the mail off until the next day (UTC) when none has anything left', async () => {
    const sink = await rig.sink('127.0.0.2');
    rig.know(mailZone('to.test', { 'mx.to.test': '127.0.0.2' }));
    let today = now;
    const transport = rig.transport({ sourceAddresses: [fresh] }, { now: () => today });
    for (let n = 0; n < FIRST_DAY; n += 1) await handOver(transport, `r${n}@to.test`);
    expect(await handOver(transport, 'late@to.test')).toEqual({
      outcome: 'deferred',
      stage: 'CONNECT',
      reply: undefined,
      note: 'the sending addresses have sent what they may today',
      reason: 'RATE_LIMITED',
      pushback: { scope: 'PROVIDER', retryAfterMs: 6 * 60 * 60_000 },
    });
    expect(sink.accepted).toBe(FIRST_DAY);
    today = new Date('2026-03-02T00:00:00Z');
    expect(await handOver(transport, 'late@to.test')).toMatchObject({ outcome: 'accepted' });
  });

  it('are not charged for what was never written, and give back at close what they did not use', async () => {
    await rig.sink('127.0.0.3');
    rig.know(mailZone('dead.test', { 'mx.dead.test': '127.0.0.2' }));
    rig.know(mailZone('to.test', { 'mx.to.test': '127.0.0.3' }));
    const thirdDay = new Date(now.getTime() + 2 * 24 * 60 * 60_000);
    const transport = rig.transport({ sourceAddresses: [fresh] }, { now: () => thirdDay });
    for (let n = 0; n < 15; n += 1) {
      expect(await handOver(transport, `r${n}@dead.test`)).toMatchObject({ outcome: 'deferred', stage: 'CONNECT' });
    }
    await handOver(transport, 'b@to.test');
    // A fiftieth of the day's 500 at a time.
    expect(await used()).toEqual([{ address: NEW_ADDRESS, day: utcDay(thirdDay), used: 10 }]);
    await transport.close();
    expect(await used()).toEqual([{ address: NEW_ADDRESS, day: utcDay(thirdDay), used: 1 }]);
  });

  it('do not send by a family that none of them has', async () => {
    const sink = await rig.sink('127.0.0.2');
    rig.know({
      'to.test': [{ name: 'to.test', type: 'MX', data: { exchange: 'mx.to.test', preference: 10 } }],
      'mx.to.test': [
        { name: 'mx.to.test', type: 'AAAA', data: '::1' },
        { name: 'mx.to.test', type: 'A', data: '127.0.0.2' },
      ],
    });
    const transport = rig.transport({ addressFamily: 'prefer-ipv6', sourceAddresses: [OLD] });
    expect(await handOver(transport, 'b@to.test')).toMatchObject({ outcome: 'accepted' });
    expect(rig.dns.questions).not.toContain('AAAA mx.to.test');
    expect(sink.mails.map(({ client }) => client)).toEqual([OLD.address]);
  });

  it('are waited for when the database is away', async () => {
    const sink = await rig.sink('127.0.0.2');
    rig.know(mailZone('to.test', { 'mx.to.test': '127.0.0.2' }));
    const transport = rig.transport({ sourceAddresses: [fresh] }, clock);
    await rig.pools.main.query('alter table source_address_use rename to source_address_use_away');
    const result = await handOver(transport, 'b@to.test');
    await rig.pools.main.query('alter table source_address_use_away rename to source_address_use');
    expect(result).toMatchObject({ outcome: 'deferred', stage: 'CONNECT' });
    expect(sink.connections).toBe(0);
    expect(await handOver(transport, 'b@to.test')).toMatchObject({ outcome: 'accepted' });
  });
});

describe('SourceAddressUseRepository', () => {
  it('forgets days long past', async () => {
    const rig = await DirectRig.start();
    const use = new SourceAddressUseRepository(rig.pools);
    await use.lease('127.0.0.5', '2026-01-01', 10, 50);
    await use.lease('127.0.0.5', '2026-03-03', 10, 50);
    const { rows } = await rig.pools.main.query('select day::text, used from source_address_use');
    expect(rows).toEqual([{ day: '2026-03-03', used: 10 }]);
    await rig.stop();
  });
});
