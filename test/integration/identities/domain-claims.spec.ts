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

describe('one domain and two tenants', () => {
  it('belongs to the tenant whose records are there, with all above and below', async () => {
    const { name } = domain.row;
    const rival = await newTenant(rig);
    const [same, below] = [await created(rig, rival, name), await created(rig, rival, `news.${name}`)];
    const above = await created(rig, rival, `up.${name}`);
    const deep = await created(rig, by, `deep.up.${name}`);
    zone.publish(rig, domain);
    // The rival cannot show their own key while the owner's is there.
    expect((await rig.domains.verify(rival, idOf(same))).domain?.row.status).toBe('PENDING');
    expect((await verified()).row.status).toBe('VERIFIED');

    zone.publish(rig, same, below, above);
    for (const claim of [same, below, above]) {
      const { domain: after, errors } = await rig.domains.verify(rival, idOf(claim));
      expect(errors).toMatchObject([{ code: 'DOMAIN_TAKEN', path: ['id'] }]);
      expect(after?.row.status).toBe('PENDING');
    }
    const late = { name: `late.${name}`, ed25519: false, returnPathSubdomain: undefined };
    expect((await rig.domains.create(rival, late)).errors).toMatchObject([{ code: 'DOMAIN_TAKEN', path: ['name'] }]);
    expect(rig.identities.signing({ tenantId: rival.tenantId, domain: name })).toBe('off');
    expect(rig.identities.maySend({ tenantId: by.tenantId, domain: `any.${name}` })).toBe(true);

    // The owner of a name below keeps the name above from others.
    await rig.domains.delete(by, idOf(domain));
    zone.publish(rig, deep);
    expect((await rig.domains.verify(by, idOf(deep))).domain?.row.status).toBe('VERIFIED');
    zone.publish(rig, same);
    expect((await rig.domains.verify(rival, idOf(same))).errors).toMatchObject([{ code: 'DOMAIN_TAKEN' }]);
    await rig.domains.delete(by, idOf(deep));
    expect((await rig.domains.verify(rival, idOf(same))).domain?.row.status).toBe('VERIFIED');
  });

  it('is registered once by one tenant, and found by no other', async () => {
    const again = { name: domain.row.name.toUpperCase(), ed25519: false, returnPathSubdomain: undefined };
    expect((await rig.domains.create(by, again)).errors).toMatchObject([{ code: 'DOMAIN_TAKEN', path: ['name'] }]);
    const rival = await newTenant(rig);
    const id = idOf(domain);
    const answers = [
      rig.domains.verify(rival, id),
      rig.domains.rotate(rival, id, false),
      rig.domains.delete(rival, id),
    ];
    for (const { errors } of await Promise.all(answers)) expect(errors).toMatchObject([{ code: 'NOT_FOUND' }]);
  });
});
