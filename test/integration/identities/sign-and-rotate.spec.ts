import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { DnsLookup } from '../../../src/dns/dns-lookup.js';
import type { Principal } from '../../../src/domain/principal.js';
import { isRemovable } from '../../../src/identities/register/dns-record.js';
import type { SenderDomain } from '../../../src/identities/register/sender-domain.entity.js';
import { renderMessage } from '../../../src/sending/render/render-message.js';
import { composition, mailbox } from '../../support/composition.js';
import { DnsServer } from '../../support/dns-server.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { waitFor } from '../../support/wait-for.js';
import { verdictsBy } from './dkim-oracle.js';
import { type IdentitiesRig, Zone, created, idOf, newTenant, openIdentities } from './identities-rig.js';

let database: TestDatabase;
let dns: DnsServer;
let api: IdentitiesRig;
let worker: IdentitiesRig;
let by: Principal;
let zone: Zone;
let domain: SenderDomain;

beforeAll(async () => {
  database = await createTestDatabase();
  dns = await DnsServer.start();
  api = await openIdentities(database.url, dns);
  worker = await openIdentities(database.url, dns);
  by = await newTenant(api);
  zone = new Zone(dns);
  domain = await created(api, by, 'shop.test', { ed25519: true });
  zone.publish(api, domain);
  await api.domains.verify(by, idOf(domain));
});
afterAll(async () => {
  await Promise.all([api.close(), worker.close()]);
  await dns.close();
  await database.drop();
});

const mailFrom = (address: string): Buffer => renderMessage(composition({ from: mailbox(address) })).raw;
const sender = (name = 'shop.test'): { tenantId: string; domain: string } => ({ tenantId: by.tenantId, domain: name });

async function signed(rig: IdentitiesRig, raw: Buffer, name?: string): Promise<Buffer> {
  const result = await rig.signer.sign(raw, sender(name));
  if (result.kind !== 'signed') throw new Error(JSON.stringify(result));
  return result.raw;
}

/** What a receiver makes of it that asks the test's name server. */
async function verdicts(raw: Buffer): Promise<string[]> {
  const lookup = new DnsLookup({ dnsServers: [dns.address] });
  return verdictsBy(raw, async (name) => {
    const answer = await lookup.txt(name);
    return answer.kind === 'found' ? answer.records : undefined;
  });
}

const selectorsOf = (raw: Buffer): string[] => [...raw.toString().matchAll(/^ s=(\w+);/gm)].map(([, s = '']) => s);

describe('DkimSigner', () => {
  it('signs mail from the domain and below it, in a process that was told by a signal', async () => {
    await waitFor(() => worker.identities.signing(sender()) === 'on');
    const raw = mailFrom('a@shop.test');
    const out = await signed(worker, raw);
    expect(await verdicts(out)).toEqual(['rsa-sha256 pass shop.test', 'ed25519-sha256 pass shop.test']);
    expect(out.subarray(out.length - raw.length)).toEqual(raw);
    const below = await signed(worker, mailFrom('a@news.shop.test'), 'news.shop.test');
    expect(await verdicts(below)).toEqual(['rsa-sha256 pass shop.test', 'ed25519-sha256 pass shop.test']);
  });

  it('signs once for all recipients of one claim', async () => {
    const raw = mailFrom('a@shop.test');
    const [one, two] = await Promise.all([signed(worker, raw), signed(worker, raw)]);
    expect(one).toBe(two);
    expect(await signed(worker, raw)).toBe(one);
  });

  it('does not sign for others: another domain, another tenant', async () => {
    const raw = mailFrom('a@shop.test');
    expect(await worker.signer.sign(raw, sender('shop.example'))).toEqual({ kind: 'off' });
    const rival = await newTenant(api);
    expect(await worker.signer.sign(raw, { tenantId: rival.tenantId, domain: 'shop.test' })).toEqual({ kind: 'off' });
  });
});

describe('rotateDkimKey', () => {
  it('goes from one selector to the next without a mail that cannot be verified', async () => {
    const before = await signed(worker, mailFrom('a@shop.test'));
    const [first] = selectorsOf(before);
    const { domain: rotating } = await api.domains.rotate(by, idOf(domain), false);
    if (rotating === undefined) throw new Error('no domain');
    expect(rotating.keys.map(({ state }) => state)).toEqual(['ACTIVE', 'ACTIVE', 'NEXT', 'NEXT']);
    expect(new Set(rotating.keys.map(({ selector }) => selector)).size).toBe(4);
    // Again and at once: there is still one next key of each kind.
    await Promise.all([1, 2].map(() => api.domains.rotate(by, idOf(domain), false)));

    // Before its record is there, the next key signs nothing, whoever asks.
    const early = (await api.domains.verify(by, idOf(domain))).domain;
    expect(early?.keys.map(({ state }) => state)).toEqual(['ACTIVE', 'ACTIVE', 'NEXT', 'NEXT']);
    expect(early?.row.status).toBe('VERIFIED');
    expect(selectorsOf(await signed(api, mailFrom('a@shop.test')))[0]).toBe(first);

    zone.publish(api, rotating);
    const after = (await api.domains.verify(by, idOf(domain))).domain;
    expect(after?.keys.map(({ state }) => state)).toEqual(['RETIRED', 'RETIRED', 'ACTIVE', 'ACTIVE']);
    const next = await waitFor(async () => {
      const out = await signed(worker, mailFrom('a@shop.test'));
      return selectorsOf(out)[0] === first ? undefined : out;
    });
    expect(await verdicts(next)).toEqual(['rsa-sha256 pass shop.test', 'ed25519-sha256 pass shop.test']);
    // Mail under way was signed with the old key: its record is still asked for.
    expect(await verdicts(before)).toEqual(['rsa-sha256 pass shop.test', 'ed25519-sha256 pass shop.test']);
    const [old] = after?.keys ?? [];
    if (old?.retiredAt === undefined || old.retiredAt === null) throw new Error('not retired');
    const days = (n: number): Date => new Date((old.retiredAt?.getTime() ?? 0) + n * 86_400_000);
    expect([isRemovable(old, days(6.9)), isRemovable(old, days(7))]).toEqual([false, true]);
  }, 60_000);

  it('erases the private half of a retired key', async () => {
    const { rows } = await api.pools.main.query<{ state: string; erased: boolean }>(
      'select distinct state, private_key is null as erased from dkim_key where domain_id = $1 order by state',
      [domain.row.id],
    );
    expect(rows).toEqual([
      { state: 'ACTIVE', erased: false },
      { state: 'RETIRED', erased: true },
    ]);
  });

  it('forgets a retired key after two months, and no other', async () => {
    const states = async (): Promise<string[]> => {
      const { rows } = await api.pools.main.query<{ state: string }>(
        'select state from dkim_key where domain_id = $1 order by id',
        [domain.row.id],
      );
      return rows.map(({ state }) => state);
    };
    await api.pools.main.query(
      `update dkim_key set retired_at = retired_at - interval '61 days' where domain_id = $1 and algorithm = 'RSA'`,
      [domain.row.id],
    );
    await api.pools.main.query('update sender_domain set next_check_at = now() where id = $1', [domain.row.id]);
    expect(await api.rechecker.recheck()).toBe(1);
    expect(await states()).toEqual(['RETIRED', 'ACTIVE', 'ACTIVE']);
  });
});

describe('a key that cannot sign', () => {
  const fault = { kind: 'fault', reason: 'AUTHENTICATION', note: expect.stringContaining('POSTERN_ENCRYPTION_KEY') };

  it('is refused: sealed with a key this process does not have', async () => {
    const other = await openIdentities(database.url, dns, { encryptionKey: [Buffer.alloc(32).toString('base64')] });
    try {
      expect(other.identities.signing(sender())).toBe('on');
      expect(await other.signer.sign(mailFrom('a@shop.test'), sender())).toEqual(fault);
      expect((await other.metrics.unsignable.get()).values).toMatchObject([{ value: 1 }]);
    } finally {
      await other.close();
    }
  });

  it('is refused: moved from another row, or not of the published key', async () => {
    const [one, two] = [await created(api, by, 'one.test'), await created(api, by, 'two.test')];
    zone.publish(api, one, two);
    await api.domains.verify(by, idOf(one));
    await api.domains.verify(by, idOf(two));
    const set = (column: string): string =>
      `update dkim_key k set ${column} = o.${column} from dkim_key o where k.domain_id = $1 and o.domain_id = $2`;
    await api.pools.main.query(set('private_key'), [one.row.id, two.row.id]);
    await api.pools.main.query(set('public_key'), [two.row.id, one.row.id]);
    const fresh = await openIdentities(database.url, dns);
    try {
      for (const name of ['one.test', 'two.test']) {
        expect(await fresh.signer.sign(mailFrom(`a@${name}`), sender(name))).toEqual(fault);
      }
      expect((await fresh.signer.sign(mailFrom('a@shop.test'), sender())).kind).toBe('signed');
    } finally {
      await fresh.close();
    }
  });

  it('is one that cannot be read at present: an answer, no exception', async () => {
    const fresh = await openIdentities(database.url, dns);
    await fresh.pools.close();
    expect(await fresh.signer.sign(mailFrom('a@shop.test'), sender())).toEqual(fault);
    await fresh.close();
  });

  it('leaves the other to sign', async () => {
    const both = await created(api, by, 'both.test', { ed25519: true });
    zone.publish(api, both);
    await api.domains.verify(by, idOf(both));
    await api.pools.main.query(`update dkim_key set private_key = '\\x00' where id = $1`, [both.keys[1]?.id]);
    const fresh = await openIdentities(database.url, dns);
    try {
      const out = await signed(fresh, mailFrom('a@both.test'), 'both.test');
      expect(await verdicts(out)).toEqual(['rsa-sha256 pass both.test']);
    } finally {
      await fresh.close();
    }
  });

  it('is not made without a key to seal it with', async () => {
    const bare = await openIdentities(database.url, dns, { encryptionKey: undefined });
    try {
      const request = { name: 'bare.test', ed25519: false, returnPathSubdomain: undefined };
      expect((await bare.domains.create(by, request)).errors).toMatchObject([{ code: 'ENCRYPTION_KEY_MISSING' }]);
    } finally {
      await bare.close();
    }
  });
});

it('a dump of the database holds no private key', async () => {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const { rows } = await client.query<{ private_key: Buffer }>(
    'select private_key from dkim_key where private_key is not null',
  );
  await client.end();
  expect(rows.length).toBeGreaterThan(3);
  // The object identifiers that every PKCS #8 key of the two kinds begins with.
  const oids = [Buffer.from('2a864886f70d010101', 'hex'), Buffer.from('2b6570', 'hex')];
  const readable = rows.filter(({ private_key: key }) => oids.some((oid) => key.subarray(0, 64).includes(oid)));
  expect(readable).toEqual([]);
});
