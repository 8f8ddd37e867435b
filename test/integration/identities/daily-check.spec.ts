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

/** Moves the times of the domain into the past. */
async function pass(interval: string): Promise<void> {
  await rig.pools.main.query(
    `update sender_domain set at_risk_since = at_risk_since - $2::interval, next_check_at = next_check_at - $2::interval
      where id = $1`,
    [domain.row.id, interval],
  );
}

const rsa = (): string => `${domain.keys[0]?.selector}._domainkey.${domain.row.name}`;

describe('the daily check', () => {
  const due = async (): Promise<number> => {
    await pass('2 days');
    return rig.rechecker.recheck();
  };
  const status = async (): Promise<string | undefined> => {
    const { rows } = await rig.pools.main.query<{ status: string }>('select status from sender_domain where id = $1', [
      domain.row.id,
    ]);
    return rows[0]?.status;
  };

  it('warns at once and gives a domain up after three days without its record', async () => {
    zone.publish(rig, domain);
    await verified();
    expect(await rig.rechecker.recheck()).toBe(0);
    zone.set(rsa());
    expect(await due()).toBe(1);
    expect(await status()).toBe('AT_RISK');
    const sender = { tenantId: by.tenantId, domain: domain.row.name };
    await rig.verified.reload();
    expect(rig.identities.signing(sender)).toBe('on');

    // Two days later it is still at risk, and when DNS is silent then nothing is decided.
    await due();
    expect(await status()).toBe('AT_RISK');
    dns.fail(rsa());
    await due();
    expect(await status()).toBe('AT_RISK');
    // The server goes on failing for the name: another one, of which it knows nothing.
    await rig.pools.main.query('update sender_domain set name = $2 where id = $1', [
      domain.row.id,
      `x${domain.row.name}`,
    ]);
    await due();
    expect(await status()).toBe('LOST');
    expect((await rig.metrics.domainsLost.get()).values).toMatchObject([{ value: 1 }]);
    await rig.verified.reload();
    expect(rig.identities.signing(sender)).toBe('off');
    // Who has proven a domain once does not go back to any From address.
    expect(rig.identities.maySend(sender)).toBe(false);
    expect(await due()).toBe(0);
  });

  it('forgets the warning when the record is back', async () => {
    zone.publish(rig, domain);
    await verified();
    zone.set(rsa());
    await due();
    zone.publish(rig, domain);
    await due();
    expect(await status()).toBe('VERIFIED');
  });

  it('is made by one of two processes', async () => {
    zone.publish(rig, domain);
    await verified();
    const other = await openIdentities(database.url, dns);
    try {
      await pass('2 days');
      const counts = await Promise.all([rig.rechecker.recheck(), other.rechecker.recheck()]);
      expect(counts.toSorted()).toEqual([0, 1]);
    } finally {
      await other.close();
    }
  });
});
