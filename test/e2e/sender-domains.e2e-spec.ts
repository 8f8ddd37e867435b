import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Answer } from 'dns-packet';
import { Cluster } from '../support/cluster.js';
import { DnsServer } from '../support/dns-server.js';
import { mailTo, PosternClient, type Refusal } from '../support/postern-client.js';
import type { RunningPostern } from '../support/start-postern.js';
import { waitFor } from '../support/wait-for.js';

interface Published {
  readonly purpose: string;
  readonly type: 'TXT' | 'MX' | 'CNAME';
  readonly name: string;
  readonly strings: readonly string[];
  readonly priority: number | null;
  readonly required: boolean;
  readonly status: string;
  readonly problem: string | null;
}

interface Domain {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly returnPathVerified: boolean;
  readonly records: readonly Published[];
  readonly keys: readonly { readonly selector: string; readonly state: string }[];
}

interface Payload {
  readonly domain: Domain | null;
  readonly userErrors: readonly Refusal[];
}

const DOMAIN = `{ id name status returnPathVerified keys { selector state }
  records { purpose type name strings priority required status problem } }`;

let dns: DnsServer;
let cluster: Cluster;
let apis: [RunningPostern, RunningPostern];
let admin: PosternClient;
let live: PosternClient;

beforeAll(async () => {
  dns = await DnsServer.start();
  cluster = await Cluster.create({
    POSTERN_DNS_SERVERS: dns.address,
    POSTERN_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    POSTERN_RETURN_PATH_HOST: 'mx:mail.postern.test',
    POSTERN_SPF_INCLUDE: 'include:spf.postern.test, ip4:192.0.2.1',
    POSTERN_SMTP_URL: 'smtp://127.0.0.1:9',
  });
  apis = await cluster.start('api', 'api');
  admin = cluster.admin(apis[0].url);
  live = admin.at(apis[0].url, (await admin.createKey('LIVE')).secret);
}, 60_000);

afterAll(async () => {
  await cluster.end();
  await dns.close();
}, 30_000);

async function change(mutation: string, input: Readonly<Record<string, unknown>>): Promise<Domain> {
  const { domain, userErrors } = await payload(mutation, input);
  if (domain === null || userErrors.length > 0) throw new Error(JSON.stringify(userErrors));
  return domain;
}

async function payload(mutation: string, input: Readonly<Record<string, unknown>>, by = admin): Promise<Payload> {
  const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`;
  const query = `mutation ($input: ${type}!) {
    payload: ${mutation}(input: $input) { domain ${DOMAIN} userErrors { code message path retryable } } }`;
  return (await by.get<{ payload: Payload }>(query, { input })).payload;
}

/** What the owner of the domain does with the records. */
function publish(records: readonly Published[]): void {
  const zone = Map.groupBy(records, ({ name }) => name);
  dns.set(Object.fromEntries([...zone].map(([name, ofName]) => [name, ofName.map(answerOf)])));
}

function answerOf({ type, name, strings, priority }: Published): Answer {
  if (type === 'TXT') return { type, name, data: [...strings] };
  const [value = ''] = strings;
  if (type === 'MX') return { type, name, data: { exchange: value, preference: priority ?? 0 } };
  return { type, name, data: value };
}

const send = (by: PosternClient, address: string) => by.send(mailTo('bob@example.net', { from: { address } }));

describe('a sender domain', () => {
  it('is registered, published, verified, and then the only one to send live mail from', async () => {
    expect((await send(live, 'a@anywhere.test')).userErrors).toEqual([]);

    const made = await change('createDomain', { name: 'Shop.Test', ed25519: true });
    expect(made).toMatchObject({ name: 'shop.test', status: 'PENDING', returnPathVerified: false });
    expect(made.records.map(({ purpose, type, required, status }) => [purpose, type, required, status])).toEqual([
      ['OWNERSHIP', 'TXT', true, 'UNCHECKED'],
      ['DKIM', 'TXT', true, 'UNCHECKED'],
      ['DKIM', 'TXT', false, 'UNCHECKED'],
      ['RETURN_PATH', 'MX', false, 'UNCHECKED'],
      ['SPF', 'TXT', false, 'UNCHECKED'],
      ['DMARC', 'TXT', false, 'UNCHECKED'],
    ]);
    const unpublished = await change('verifyDomain', { id: made.id });
    expect(unpublished.status).toBe('PENDING');
    expect(unpublished.records[0]).toMatchObject({
      status: 'MISSING',
      problem: 'There is no TXT record at _postern.shop.test.',
    });
    expect((await send(live, 'a@anywhere.test')).userErrors).toEqual([]);

    publish(made.records);
    const verified = await change('verifyDomain', { id: made.id });
    expect(verified).toMatchObject({ status: 'VERIFIED', returnPathVerified: true });
    expect(verified.records.map(({ status }) => status)).toEqual(made.records.map(() => 'FOUND'));
    expect(verified.keys.map(({ state }) => state)).toEqual(['ACTIVE', 'ACTIVE']);

    // At once here, and on the other replica as soon as the signal is there.
    expect((await send(live, 'a@anywhere.test')).userErrors).toMatchObject([
      { code: 'SENDER_NOT_VERIFIED', path: ['from', 'address'], retryable: false },
    ]);
    const there = live.at(apis[1].url);
    await waitFor(async () => (await send(there, 'a@anywhere.test')).userErrors[0]?.code === 'SENDER_NOT_VERIFIED');
    for (const at of [live, there]) {
      expect((await send(at, 'a@shop.test')).userErrors).toEqual([]);
      expect((await send(at, 'a@news.shop.test')).userErrors).toEqual([]);
    }
    expect((await send(admin, 'a@anywhere.test')).userErrors).toEqual([]);
  });

  it('gets another key, and the old record stays for a week', async () => {
    const [{ id } = { id: '' }] = await list();
    const rotating = await change('rotateDkimKey', { id });
    expect(rotating.keys.map(({ state }) => state)).toEqual(['ACTIVE', 'ACTIVE', 'NEXT', 'NEXT']);
    publish(rotating.records);
    const rotated = await change('verifyDomain', { id });
    expect(rotated.keys.map(({ state }) => state)).toEqual(['RETIRED', 'RETIRED', 'ACTIVE', 'ACTIVE']);
    const removal = await admin.get<{
      domain: { keys: { removable: boolean; removableFrom: string; retiredAt: string }[] };
    }>('query ($id: ID!) { domain(id: $id) { keys { removable removableFrom retiredAt } } }', { id });
    const [old] = removal.domain.keys;
    expect(old?.removable).toBe(false);
    expect(Date.parse(old?.removableFrom ?? '') - Date.parse(old?.retiredAt ?? '')).toBe(7 * 86_400_000);
    // The records still ask for all four.
    expect(rotated.records.filter(({ purpose }) => purpose === 'DKIM')).toHaveLength(4);
  });

  it('is nothing to keys without ADMIN', async () => {
    const { errors } = await live.ask('{ domains { nodes { id } } }');
    expect(errors[0]?.extensions.code).toBe('FORBIDDEN');
  });

  it('is refused with a reason', async () => {
    expect((await payload('createDomain', { name: 'no domain' })).userErrors).toMatchObject([
      { code: 'INVALID_VALUE', path: ['name'] },
    ]);
    expect((await payload('createDomain', { name: 'shop.test' })).userErrors).toMatchObject([{ code: 'DOMAIN_TAKEN' }]);
    expect((await payload('verifyDomain', { id: 'dom_1' })).userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
    expect(await admin.get('{ domain(id: "dom_1") { id } }')).toEqual({ domain: null });
  });

  it('is deleted, and From is free again', async () => {
    const [{ id } = { id: '' }] = await list();
    const query =
      'mutation ($input: DeleteDomainInput!) { deleteDomain(input: $input) { deletedId userErrors { code } } }';
    expect(await admin.get(query, { input: { id } })).toEqual({ deleteDomain: { deletedId: id, userErrors: [] } });
    expect(await list()).toEqual([]);
    expect((await send(live, 'a@anywhere.test')).userErrors).toEqual([]);
  });
});

async function list(): Promise<readonly Domain[]> {
  return (await admin.get<{ domains: { nodes: Domain[] } }>(`{ domains(first: 10) { nodes ${DOMAIN} } }`)).domains
    .nodes;
}
