import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Principal } from '../../../src/domain/principal.js';
import type { SenderDomain } from '../../../src/identities/register/sender-domain.entity.js';
import { DnsServer } from '../../support/dns-server.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { type IdentitiesRig, Zone, created, idOf, newTenant, openIdentities } from './identities-rig.js';

let database: TestDatabase;
let dns: DnsServer;
let rig: IdentitiesRig;
let by: Principal;
let zone: Zone;
let domain: SenderDomain;
let n = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  dns = await DnsServer.start();
  rig = await openIdentities(database.url, dns);
});
beforeEach(async () => {
  by = await newTenant(rig);
  zone = new Zone(dns);
  n += 1;
  domain = await created(rig, by, `shop${n}.test`, { ed25519: true });
});
afterAll(async () => {
  await rig.close();
  await dns.close();
  await database.drop();
});

async function verified(): Promise<SenderDomain> {
  const { domain: after, errors } = await rig.domains.verify(by, idOf(domain));
  expect(errors).toEqual([]);
  if (after === undefined) throw new Error('no domain');
  return after;
}

const rsa = (): string => `${domain.keys[0]?.selector}._domainkey.${domain.row.name}`;
const ed25519 = (): string => `${domain.keys[1]?.selector}._domainkey.${domain.row.name}`;
const ownership = (): string => `_postern.${domain.row.name}`;
const returnPath = (): string => `bounce.${domain.row.name}`;

describe('verifyDomain', () => {
  it('verifies what is published as it was told, and has the keys sign', async () => {
    zone.publish(rig, domain);
    const { row, keys } = await verified();
    expect(row).toMatchObject({ status: 'VERIFIED', returnPathVerified: true, verifiedAt: expect.any(Date) });
    expect(Object.values(row.checks)).toEqual(Object.values(row.checks).map(() => ({ status: 'FOUND' })));
    expect(keys.map(({ algorithm, state }) => [algorithm, state])).toEqual([
      ['RSA', 'ACTIVE'],
      ['ED25519', 'ACTIVE'],
    ]);
    const sender = { tenantId: by.tenantId, domain: `news.${row.name}` };
    expect(rig.identities.signing(sender)).toBe('on');
    expect(rig.identities.envelopeSender(sender)).toBe(`bounces@bounce.${row.name}`);
  });

  it('says of nothing published that it is missing, and verifies nothing', async () => {
    zone.set('other.test');
    const { row, keys } = await verified();
    expect(row).toMatchObject({ status: 'PENDING', returnPathVerified: false, verifiedAt: null });
    expect(row.checks).toEqual({
      ownership: { status: 'MISSING', problem: `There is no TXT record at ${ownership()}.` },
      [`dkim:${keys[0]?.selector}`]: { status: 'MISSING', problem: `There is no TXT record at ${rsa()}.` },
      [`dkim:${keys[1]?.selector}`]: { status: 'MISSING', problem: `There is no TXT record at ${ed25519()}.` },
      return_path: { status: 'MISSING', problem: `There is no MX record at ${returnPath()}.` },
      spf: { status: 'MISSING', problem: `There is no SPF record at ${returnPath()}.` },
      dmarc: {
        status: 'MISSING',
        problem: `There is no DMARC record at _dmarc.${row.name}; large mailbox providers ask for one.`,
      },
    });
    expect(keys.map(({ state }) => state)).toEqual(['NEXT', 'NEXT']);
    expect(rig.identities.signing({ tenantId: by.tenantId, domain: row.name })).toBe('off');
  });

  /** What is published instead, the record it is about, and what is said of it. */
  const wrong: readonly (readonly [string, string, () => unknown, RegExp, 'VERIFIED' | 'PENDING'])[] = [
    [
      'another key',
      'dkim',
      () => zone.text(rsa(), 'v=DKIM1; k=rsa; p=MIIBother'),
      /^The key published is another one: it ends with MIIBother, ours with /,
      'PENDING',
    ],
    [
      'a key cut off',
      'dkim',
      () => zone.text(rsa(), `v=DKIM1; k=rsa; p=${domain.keys[0]?.publicKey.slice(0, 230)}`),
      /^The key is cut off after 230 of 392 characters/,
      'PENDING',
    ],
    ['a revoked key', 'dkim', () => zone.text(rsa(), 'v=DKIM1; p='), /its p= is empty, which revokes it/, 'PENDING'],
    [
      'the key as another kind',
      'dkim',
      () => zone.text(rsa(), `v=DKIM1; k=ed25519; p=${domain.keys[0]?.publicKey}`),
      /^The record says k=ed25519 instead of k=rsa/,
      'PENDING',
    ],
    [
      'two keys',
      'dkim',
      () => zone.text(rsa(), 'v=DKIM1; p=a', 'v=DKIM1; p=b'),
      /^There are 2 DKIM records at /,
      'PENDING',
    ],
    [
      'another text for the key',
      'dkim',
      () => zone.text(rsa(), 'hello'),
      /^The TXT record at .* is something else: hello\.$/,
      'PENDING',
    ],
    [
      'a CNAME for the key',
      'dkim',
      () => zone.set(rsa(), { type: 'CNAME', name: rsa(), data: 'old.test' }),
      /^A CNAME to old\.test is in the way at /,
      'PENDING',
    ],
    [
      'another token',
      'ownership',
      () => zone.text(ownership(), 'postern-domain=1234'),
      /^The token published is another one: postern-domain=1234\.$/,
      'PENDING',
    ],
    ['no token', 'ownership', () => zone.set(ownership()), /^There is no TXT record at _postern/, 'PENDING'],
    [
      'another mail exchanger',
      'return_path',
      () =>
        zone.set(returnPath(), { type: 'MX', name: returnPath(), data: { exchange: 'mx.old.test', preference: 1 } }),
      /names mx\.old\.test instead of mail\.postern\.test\.$/,
      'VERIFIED',
    ],
    [
      'two SPF records',
      'spf',
      () => zone.text(returnPath(), 'v=spf1 include:spf.postern.test ~all', 'v=spf1 -all'),
      /^There are 2 SPF records at .*: merge them\.$/,
      'VERIFIED',
    ],
    [
      'SPF without us',
      'spf',
      () => zone.text(returnPath(), 'v=spf1 include:other.test -all'),
      /^The SPF record lacks include:spf\.postern\.test: put it in front of its "all"\.$/,
      'VERIFIED',
    ],
    [
      'us behind all',
      'spf',
      () => zone.text(returnPath(), 'v=spf1 -all include:spf.postern.test'),
      /^The SPF record lacks include:/,
      'VERIFIED',
    ],
    [
      'us forbidden',
      'spf',
      () => zone.text(returnPath(), 'v=spf1 -include:spf.postern.test ~all'),
      /^The SPF record lacks include:/,
      'VERIFIED',
    ],
    [
      'two DMARC records',
      'dmarc',
      () => zone.text(`_dmarc.${domain.row.name}`, 'v=DMARC1; p=none', 'v=DMARC1; p=reject'),
      /^There are 2 DMARC records/,
      'VERIFIED',
    ],
  ];
  it.each(wrong)('tells %s', async (_, key, publish, problem, status) => {
    zone.publish(rig, domain);
    publish();
    const { row } = await verified();
    const about = key === 'dkim' ? `dkim:${domain.keys[0]?.selector}` : key;
    expect(row.checks[about]?.problem).toMatch(problem);
    expect(row.status).toBe(status);
    expect(row.returnPathVerified).toBe(key !== 'return_path' && key !== 'spf');
  });

  it('takes what means the same: other order, case and blanks, a policy further up', async () => {
    const { name } = domain.row;
    zone.publish(rig, domain);
    zone.text(rsa(), ` p=${domain.keys[0]?.publicKey.slice(0, 200)} ${domain.keys[0]?.publicKey.slice(200)}`);
    zone.text(ownership(), 'unrelated', `postern-domain=${domain.row.ownershipToken} `);
    zone.set(
      returnPath(),
      { type: 'MX', name: returnPath(), data: { exchange: 'other.test', preference: 1 } },
      { type: 'MX', name: returnPath(), data: { exchange: 'MAIL.postern.test.', preference: 20 } },
      { type: 'TXT', name: returnPath(), data: 'V=SPF1 a +INCLUDE:spf.postern.test -ALL' },
    );
    const sub = await created(rig, by, `news.${name}`);
    zone.publish(rig, sub).set(`_dmarc.news.${name}`);
    const { row } = await verified();
    expect(Object.values(row.checks).map(({ status }) => status)).toEqual(Array.from({ length: 6 }, () => 'FOUND'));
    const { domain: below } = await rig.domains.verify(by, idOf(sub));
    expect(below?.row.checks['dmarc']).toEqual({ status: 'FOUND' });
  });

  it('signs with RSA alone while the record of the second key is missing', async () => {
    zone.publish(rig, domain).set(ed25519());
    const { row, keys } = await verified();
    expect(row.status).toBe('VERIFIED');
    expect(keys.map(({ state }) => state)).toEqual(['ACTIVE', 'NEXT']);
  });

  it('asks for a CNAME alone where the configuration says so, and for SPF at the domain without a return path', async () => {
    const other = await openIdentities(database.url, dns, { returnPathHost: 'cname:bounce.postern.test' });
    const plain = await openIdentities(database.url, dns, { returnPathHost: undefined });
    try {
      zone.publish(other, domain);
      const viaAlias = (await other.domains.verify(by, idOf(domain))).domain?.row;
      expect(viaAlias).toMatchObject({ status: 'VERIFIED', returnPathVerified: true });
      expect(Object.keys(viaAlias?.checks ?? {})).not.toContain('spf');
      zone.set(returnPath(), { type: 'CNAME', name: returnPath(), data: 'elsewhere.test' });
      const elsewhere = (await other.domains.verify(by, idOf(domain))).domain?.row;
      expect(elsewhere?.checks['return_path']?.problem).toMatch(/leads to elsewhere\.test instead of bounce\.postern/);

      const at = (await plain.domains.verify(by, idOf(domain))).domain?.row;
      expect(at?.checks['spf']?.problem).toBe(`There is no SPF record at ${domain.row.name}.`);
      expect(at?.returnPathVerified).toBe(false);
    } finally {
      await Promise.all([other.close(), plain.close()]);
    }
  });

  it('changes nothing when DNS does not answer', async () => {
    zone.publish(rig, domain);
    await verified();
    for (const name of [rsa(), ed25519(), ownership(), returnPath(), `_dmarc.${domain.row.name}`]) dns.fail(name);
    const { row } = await verified();
    expect(row).toMatchObject({ status: 'VERIFIED', returnPathVerified: true, atRiskSince: null });
    expect(row.checks['ownership']).toEqual({
      status: 'UNKNOWN',
      problem: 'DNS did not answer (ESERVFAIL): try again later.',
    });
  });
});
