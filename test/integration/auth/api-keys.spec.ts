import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { makeApiKey } from '../../../src/auth/api-key-format.js';
import type { ApiKeyRequest } from '../../../src/auth/check-new-api-key.js';
import type { Pools } from '../../../src/database/pools.js';
import { UnknownCommitOutcome } from '../../../src/database/unknown-commit-outcome.js';
import { encodeId } from '../../../src/domain/opaque-id.js';
import type { Principal } from '../../../src/domain/principal.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { addTenant } from '../../support/tenant.js';
import { waitFor } from '../../support/wait-for.js';
import { type AuthReplica, openAuthReplica } from './replica.js';

const SEND: ApiKeyRequest = { name: 'shop', mode: 'LIVE', scopes: ['SEND'], expiresAt: undefined };
const bearer = (secret: string): string => `Bearer ${secret}`;

describe('API keys', () => {
  let database: TestDatabase;
  let here: AuthReplica;
  let there: AuthReplica;
  let admin: Principal;

  beforeAll(async () => {
    database = await createTestDatabase();
    [here, there] = await Promise.all([openAuthReplica(database.url), openAuthReplica(database.url)]);
  });
  beforeEach(async () => {
    admin = await newTenant();
  });
  afterAll(async () => {
    jest.restoreAllMocks();
    await Promise.all([here.close(), there.close()]);
    await database.drop();
  });

  async function newTenant(): Promise<Principal> {
    const tenantId = await addTenant(here.pools.main);
    const request: ApiKeyRequest = { name: 'admin', mode: 'TEST', scopes: ['ADMIN'], expiresAt: undefined };
    const { id } = await here.keys.make(here.pools.main, tenantId, request);
    return { tenantId, keyId: id, mode: 'TEST', scopes: ['ADMIN'] };
  }

  async function create(request: Partial<ApiKeyRequest> = {}): Promise<{ id: string; secret: string }> {
    const made = await here.keys.create(admin, { ...SEND, ...request });
    if ('errors' in made) throw new Error(JSON.stringify(made.errors));
    return { id: made.key.id, secret: made.secret };
  }

  it('names the tenant, mode and scopes behind a key', async () => {
    const { id, secret } = await create({ scopes: ['READ', 'SEND', 'READ'] });
    await expect(here.authenticator.authenticate(bearer(secret))).resolves.toEqual({
      tenantId: admin.tenantId,
      keyId: id,
      mode: 'LIVE',
      scopes: ['SEND', 'READ'],
    });
    await expect(there.authenticator.authenticate(`bearer   ${secret} `)).resolves.toMatchObject({ keyId: id });
  });

  it('keeps nothing a key could be made of', async () => {
    const { secret } = await create();
    const { rows } = await here.pools.main.query<{ row: string }>('select api_key::text as row from api_key');
    const dump = rows.map(({ row }) => row).join('\n');
    expect(dump).not.toContain(secret.slice(9, 20));
    expect(dump).toContain(secret.slice(0, 13));
  });

  it('refuses what is no key, or has a wrong checksum, without a query', async () => {
    const { secret } = await create();
    const query = jest.spyOn(here.repository, 'principalOf');
    const last = secret.endsWith('A') ? 'B' : 'A';
    for (const header of [
      undefined,
      '',
      secret,
      'Bearer',
      'Bearer ',
      `Basic ${secret}`,
      bearer(secret.slice(0, -1) + last),
      bearer(secret.replace('live', 'test')),
      bearer(`${secret}${secret}`),
      `Bearer ${secret} ${secret}`,
    ]) {
      await expect(here.authenticator.authenticate(header)).resolves.toBeUndefined();
    }
    expect(query).not.toHaveBeenCalled();
    query.mockRestore();
  });

  it('asks once for a key in use, and once for one that nobody owns', async () => {
    const { secret } = await create();
    const stranger = makeApiKey('LIVE', randomBytes);
    const query = jest.spyOn(here.repository, 'principalOf');
    await Promise.all(Array.from({ length: 50 }, () => here.authenticator.authenticate(bearer(secret))));
    await here.authenticator.authenticate(bearer(secret));
    expect(query).toHaveBeenCalledTimes(1);
    await expect(here.authenticator.authenticate(bearer(stranger))).resolves.toBeUndefined();
    await expect(here.authenticator.authenticate(bearer(stranger))).resolves.toBeUndefined();
    expect(query).toHaveBeenCalledTimes(2);
    query.mockRestore();
  });

  it('stops at once where it was revoked and within a second elsewhere, in the middle of steady use', async () => {
    const { id, secret } = await create();
    const principal = await there.authenticator.authenticate(bearer(secret));
    if (principal === undefined) throw new Error('the key was refused');
    await here.authenticator.authenticate(bearer(secret));

    await here.keys.revoke(admin, encodeId('key', id));
    const revokedAt = performance.now();
    await expect(here.authenticator.authenticate(bearer(secret))).resolves.toBeUndefined();
    await expect(there.authenticator.isStillValid(principal)).resolves.toBe(false);
    await waitFor(async () => (await there.authenticator.authenticate(bearer(secret))) === undefined, { everyMs: 10 });
    expect(performance.now() - revokedAt).toBeLessThan(1000);
  });

  it('refuses an expired key, and one that expires while it is in use', async () => {
    const { id, secret } = await create({ expiresAt: new Date(Date.now() + 3_600_000) });
    const principal = await here.authenticator.authenticate(bearer(secret));
    expect(principal).toBeDefined();
    await here.pools.main.query(`update api_key set expires_at = now() where id = $1`, [id]);
    await waitFor(async () => (await here.authenticator.authenticate(bearer(secret))) === undefined);
    if (principal !== undefined) await expect(here.authenticator.isStillValid(principal)).resolves.toBe(false);
  });

  it('writes down when a key was last used, in one statement for many and not twice a minute', async () => {
    const made = [await create(), await create()];
    const write = jest.spyOn(here.repository, 'markUsed');
    for (let n = 0; n < 20; n++) for (const { secret } of made) await here.authenticator.authenticate(bearer(secret));
    await here.usage.flush();
    for (const { secret } of made) await here.authenticator.authenticate(bearer(secret));
    await here.usage.flush();
    expect(write).toHaveBeenCalledTimes(1);
    write.mockRestore();
    for (const { id } of made) {
      const key = await here.repository.byId(admin.tenantId, id);
      expect(key?.lastUsedAt).toBeInstanceOf(Date);
    }
  });

  it('uses the configured pepper instead of the one in the database', async () => {
    const peppered = await openAuthReplica(database.url, { POSTERN_API_KEY_PEPPER: 'p'.repeat(32) });
    try {
      const { secret } = await create();
      await expect(peppered.authenticator.authenticate(bearer(secret))).resolves.toBeUndefined();
      const own = await peppered.keys.make(peppered.pools.main, admin.tenantId, SEND);
      await expect(peppered.authenticator.authenticate(bearer(own.secret))).resolves.toMatchObject({ keyId: own.id });
      await expect(here.authenticator.authenticate(bearer(own.secret))).resolves.toBeUndefined();
    } finally {
      await peppered.close();
    }
  });

  it('refuses bad input with the path and makes nothing', async () => {
    const input = { name: '', mode: 'TEST' as const, scopes: [], expiresAt: new Date(0) };
    const payload = await here.resolver.createApiKey(admin, input);
    expect(payload).toMatchObject({ apiKey: null, secret: null });
    expect(payload.userErrors.map((error) => error.path)).toEqual([['name'], ['scopes'], ['expiresAt']]);
    expect((await here.resolver.apiKeys(admin, {})).nodes).toHaveLength(1);
  });

  it('shows and revokes the keys of the own tenant only', async () => {
    const { id } = await create();
    const stranger = await newTenant();
    expect((await here.resolver.apiKeys(stranger, {})).nodes.map((key) => key.name)).toEqual(['admin']);
    const refused = await here.resolver.revokeApiKey(stranger, { id: encodeId('key', id) });
    expect(refused).toMatchObject({ apiKey: null, userErrors: [{ code: 'NOT_FOUND', path: ['id'] }] });
    expect((await here.repository.byId(admin.tenantId, id))?.revokedAt).toBeNull();
    expect((await here.resolver.viewer(stranger)).tenant.id).toBe(encodeId('tnt', stranger.tenantId));
  });

  it('revokes again without changing the time, and never the key it is asked with', async () => {
    const { id } = await create();
    const first = await here.resolver.revokeApiKey(admin, { id: encodeId('key', id) });
    const second = await there.resolver.revokeApiKey(admin, { id: encodeId('key', id) });
    expect(second.apiKey?.revokedAt).toEqual(first.apiKey?.revokedAt);
    const own = await here.resolver.revokeApiKey(admin, { id: encodeId('key', admin.keyId) });
    expect(own.userErrors).toMatchObject([{ code: 'INVALID_VALUE', path: ['id'] }]);
    const nonsense = await here.resolver.revokeApiKey(admin, { id: 'nonsense' });
    expect(nonsense.userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
  });

  it('pages through keys, newest first, in both directions', async () => {
    for (const name of ['one', 'two', 'three']) await create({ name });
    const names = ['three', 'two', 'one', 'admin'];
    const start = await here.resolver.apiKeys(admin, { first: 3 });
    expect(start.nodes.map((key) => key.name)).toEqual(names.slice(0, 3));
    expect(start.pageInfo.hasNextPage).toBe(true);
    const rest = await here.resolver.apiKeys(admin, { after: start.pageInfo.endCursor });
    expect(rest.nodes.map((key) => key.name)).toEqual(['admin']);
    const back = await here.resolver.apiKeys(admin, { last: 2, before: rest.pageInfo.startCursor });
    expect(back.nodes.map((key) => key.name)).toEqual(['two', 'one']);
    const between = await here.resolver.apiKeys(admin, {
      after: start.edges[0]?.cursor ?? null,
      before: start.edges[2]?.cursor ?? null,
    });
    expect(between.nodes.map((key) => key.name)).toEqual(['two']);
  });
});

describe('the first key', () => {
  let database: TestDatabase;
  let replicas: AuthReplica[];

  beforeEach(async () => {
    database = await createTestDatabase();
    replicas = await Promise.all([openAuthReplica(database.url), openAuthReplica(database.url)]);
  });
  afterEach(async () => {
    await Promise.all(replicas.map((replica) => replica.close()));
    await database.drop();
  });

  it('is given to exactly one of the processes that start at once, with all scopes in test mode', async () => {
    const secrets = await Promise.all(replicas.map(({ firstKey }) => firstKey.make(async () => undefined)));
    const [secret, ...others] = secrets.filter((given) => given !== undefined);
    expect(others).toEqual([]);
    const principal = await replicas[0]?.authenticator.authenticate(bearer(secret ?? ''));
    expect(principal).toMatchObject({ mode: 'TEST', scopes: ['SEND', 'READ', 'ADMIN', 'OPERATE'] });
    await expect(replicas[0]?.firstKey.make(async () => undefined)).resolves.toBeUndefined();
  });

  it('is told although the connection was lost at its commit', async () => {
    const [replica] = replicas;
    if (replica === undefined) throw new Error('no replica');
    const transaction = replica.pools.transaction.bind(replica.pools);
    const losesAnswer: Pools['transaction'] = async (pool, work) => {
      await transaction(pool, work);
      throw new UnknownCommitOutcome(new Error('Connection terminated unexpectedly'));
    };
    jest.spyOn(replica.pools, 'transaction').mockImplementationOnce(losesAnswer);
    const secret = await replica.firstKey.make(async () => undefined);
    await expect(replica.authenticator.authenticate(bearer(secret ?? ''))).resolves.toMatchObject({ mode: 'TEST' });
  });

  it('is not made when it cannot be saved', async () => {
    const [replica] = replicas;
    const failed = replica?.firstKey.make(() => Promise.reject(new Error('disk full')));
    await expect(failed).rejects.toThrow('disk full');
    await expect(replica?.firstKey.make(async () => undefined)).resolves.toMatch(/^pst_test_/);
  });
});
