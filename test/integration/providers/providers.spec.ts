import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { pushedBack } from '../../../src/domain/pace.js';
import { newUuidV7 } from '../../../src/database/uuid-v7.js';
import type { Principal } from '../../../src/domain/principal.js';
import type { CreateProviderInput } from '../../../src/sending/providers/administration/provider.input.js';
import { PaceRepository, type StoredPace } from '../../../src/sending/pacing/pace.repository.js';
import { Paces } from '../../../src/sending/pacing/paces.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { waitFor } from '../../support/wait-for.js';
import { openProcess, type ProvidersProcess } from './process.js';

const OPERATOR: Principal = { tenantId: newUuidV7(), keyId: newUuidV7(), mode: 'TEST', scopes: ['OPERATE'] };
const KEY = randomBytes(32).toString('base64');
const PASSWORD = 'hunter2-password';
const MAIL = { tenantId: newUuidV7(), lane: 'OTP', senderDomain: 'a.test', recipientDomain: 'b.test' } as const;

const relay = (name: string, more: Partial<CreateProviderInput> = {}): CreateProviderInput => ({
  name,
  settings: { smtp: { host: 'relay.test', auth: { user: 'me', password: PASSWORD } } },
  ...more,
});

describe('providers made by mutation', () => {
  let database: TestDatabase;
  let here: ProvidersProcess;
  let there: ProvidersProcess;

  beforeEach(async () => {
    database = await createTestDatabase();
    [here, there] = await Promise.all([
      openProcess(database.url, { encryptionKey: [KEY] }),
      openProcess(database.url, { encryptionKey: [KEY] }),
    ]);
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await Promise.all([here.close(), there.close()]);
    await database.drop();
  });

  async function make(input: CreateProviderInput): Promise<void> {
    expect(await here.providers.createProvider(OPERATOR, input)).toMatchObject({ userErrors: [] });
  }

  async function route(...names: string[]) {
    const { version } = await here.routes.routes();
    const steps = names.map((provider) => ({ providers: [{ provider }] }));
    return here.routes.setRoutes(OPERATOR, { expectedVersion: version, routes: [{ steps }] });
  }

  const refusals = (payload: { userErrors: { code: string; path: readonly string[] | null }[] }): string[] =>
    payload.userErrors.map(({ code, path }) => `${code} ${path?.join('.')}`);

  it('are known with their routes to the process that made them at once, and to the others by signal', async () => {
    const changed = jest.fn();
    there.directory.onChange(changed);
    await make(relay('one', { limits: { perSecond: 10, burst: 20 } }));
    await route('one');
    expect(here.directory.routeFor(MAIL)?.steps).toEqual([[{ provider: 'one', weight: 1 }]]);
    await waitFor(() => there.directory.routeFor(MAIL), { timeoutMs: 5000 });
    expect(changed).toHaveBeenCalled();
    expect(there.directory.provider('one')).toMatchObject({
      kind: 'SMTP',
      source: 'API',
      state: 'ACTIVE',
      limits: { perSecond: 10, burst: 20, maxConnections: undefined },
      signing: 'POSTERN',
      settings: { host: 'relay.test', port: 587, tls: 'required', auth: { method: 'ANY', user: 'me', pass: PASSWORD } },
    });
  });

  it('show what is no secret, and keep what is one unreadable', async () => {
    await make(relay('one'));
    await make({ name: 'two', settings: { ses: { region: 'x', accessKeyId: 'AK', secretAccessKey: PASSWORD } } });
    await make({ name: 'three', settings: { mailgun: { domain: 'mg.test', apiKey: PASSWORD } } });
    const shown = await there.providers.providers();
    expect(shown.map(({ name, hasCredentials, signing }) => [name, hasCredentials, signing])).toEqual([
      ['one', true, 'POSTERN'],
      ['sandbox', false, 'POSTERN'],
      ['three', true, 'PROVIDER'],
      ['two', true, 'PROVIDER'],
    ]);
    expect(shown[0]?.settings).toMatchObject({ host: 'relay.test', user: 'me', tls: 'required', authMethod: null });
    expect(JSON.stringify(shown)).not.toContain('hunter2');
    const { rows } = await here.pools.main.query<{ row: string }>('select provider::text as row from provider');
    const dump = rows.map(({ row }) => row).join('\n');
    expect(dump).toContain('relay.test');
    expect(dump).not.toContain('hunter2');
    expect(dump).not.toContain(Buffer.from('hunter2').toString('hex'));
  });

  it('need an encryption key for secrets, and none without', async () => {
    const bare = await openProcess(database.url);
    try {
      const refused = await bare.providers.createProvider(OPERATOR, relay('one'));
      expect(refusals(refused)).toEqual(['ENCRYPTION_KEY_MISSING settings.smtp.auth.password']);
      const open = { name: 'open', settings: { smtp: { host: 'relay.test' } } };
      expect(await bare.providers.createProvider(OPERATOR, open)).toMatchObject({ userErrors: [] });
    } finally {
      await bare.close();
    }
  });

  it('are refused with the path of everything that is wrong', async () => {
    const create = async (input: CreateProviderInput): Promise<string[]> =>
      refusals(await here.providers.createProvider(OPERATOR, input));
    await make(relay('one'));
    expect(await create(relay('Bad name'))).toEqual(['INVALID_VALUE name']);
    expect(await create(relay('sandbox'))).toEqual(['INVALID_VALUE name']);
    expect(await create(relay('one'))).toEqual(['NAME_TAKEN name']);
    const bad = { settings: { smtp: { port: 0, auth: { user: 'u' } } }, limits: { burst: 1 } };
    expect(await create(relay('two', bad))).toEqual([
      'INVALID_VALUE limits.burst',
      'REQUIRED settings.smtp.host',
      'INVALID_VALUE settings.smtp.port',
      'REQUIRED settings.smtp.auth.password',
    ]);
    expect(here.directory.provider('two')).toBeUndefined();
  });

  it('are changed in part; secrets stay unless they are given', async () => {
    await make(relay('one', { limits: { perSecond: 10 } }));
    const change = { name: 'one', settings: { smtp: { commandTimeoutMs: 5000 } }, limits: { perDay: 9 } };
    expect(await here.providers.updateProvider(OPERATOR, change)).toMatchObject({
      userErrors: [],
      provider: { limits: { perSecond: 10, perDay: 9 }, settings: { commandTimeoutMs: 5000, host: 'relay.test' } },
    });
    expect(here.directory.provider('one')?.settings).toMatchObject({ auth: { pass: PASSWORD } });
    await here.providers.updateProvider(OPERATOR, { name: 'one', settings: { smtp: { auth: { password: 'other' } } } });
    expect(here.directory.provider('one')?.settings).toMatchObject({ auth: { user: 'me', pass: 'other' } });
    await here.providers.updateProvider(OPERATOR, {
      name: 'one',
      settings: { smtp: { auth: null } },
      limits: { perSecond: null },
    });
    expect(here.directory.provider('one')).toMatchObject({
      settings: { auth: undefined },
      limits: { perSecond: undefined, perDay: 9 },
    });
  });

  it('never carry a secret to another host', async () => {
    await make(relay('one'));
    const elsewhere = { name: 'one', settings: { smtp: { host: 'thief.test' } } };
    const refused = await here.providers.updateProvider(OPERATOR, elsewhere);
    expect(refusals(refused)).toEqual(['REQUIRED settings.smtp.auth.password']);
    const again = { name: 'one', settings: { smtp: { host: 'new.test', auth: { password: 'new' } } } };
    expect(await here.providers.updateProvider(OPERATOR, again)).toMatchObject({ userErrors: [] });
  });

  it('keep name and kind, and can be found', async () => {
    await make(relay('one'));
    const kind = await here.providers.updateProvider(OPERATOR, { name: 'one', settings: { ses: { region: 'x' } } });
    expect(refusals(kind)).toEqual(['INVALID_VALUE settings.ses']);
    expect(refusals(await here.providers.updateProvider(OPERATOR, { name: 'none' }))).toEqual(['NOT_FOUND name']);
    expect(refusals(await here.providers.updateProvider(OPERATOR, { name: 'sandbox' }))).toEqual([
      'PROVIDER_READ_ONLY name',
    ]);
    expect(await there.providers.provider('one')).toMatchObject({ name: 'one', problem: null });
    expect(await there.providers.provider('none')).toBeNull();
  });

  it('are drained and resumed, in every process', async () => {
    await make(relay('one'));
    expect(await here.providers.drainProvider(OPERATOR, { name: 'one' })).toMatchObject({
      provider: { state: 'DRAINING' },
    });
    await waitFor(() => there.directory.provider('one')?.state === 'DRAINING');
    await there.providers.resumeProvider(OPERATOR, { name: 'one' });
    await waitFor(() => here.directory.provider('one')?.state === 'ACTIVE');
  });

  it('are resumed without what was learnt about them, in every process', async () => {
    await make(relay('one'));
    await make(relay('one-more'));
    const paces = new Paces(new PaceRepository(there.pools), there.signals);
    await paces.onApplicationBootstrap();
    const keys = [
      { provider: 'one', lane: 'OTP' },
      { provider: 'one', site: 'b.test' },
      { provider: 'one-more', lane: 'OTP' },
    ] as const;
    const facts = { share: 1, samples: 1, perSecond: 1, retryAfterMs: 3_600_000 };
    for (const key of keys) {
      const step = (pace: StoredPace, now: number): StoredPace => ({
        ...pace,
        state: pushedBack(pace.state, now, facts),
      });
      await paces.change(key, step, () => undefined);
    }
    const kinds = (): string => keys.map((key) => paces.state(key).kind).join();
    expect(kinds()).toBe('OPEN,OPEN,OPEN');
    await here.providers.resumeProvider(OPERATOR, { name: 'one' });
    await waitFor(() => kinds() === 'FLOWING,FLOWING,OPEN');
    await paces.onApplicationShutdown();
  });

  it('are not deleted while a route leads to them', async () => {
    await make(relay('one'));
    await route('one');
    expect(refusals(await there.providers.deleteProvider(OPERATOR, { name: 'one' }))).toEqual(['PROVIDER_IN_USE name']);
    await route('sandbox');
    expect(await there.providers.deleteProvider(OPERATOR, { name: 'one' })).toEqual({
      deletedName: 'one',
      userErrors: [],
    });
    await waitFor(() => here.directory.provider('one') === undefined);
  });

  it('are made once, when two processes make the same at the same time', async () => {
    const payloads = await Promise.all(
      [here, there].map(({ providers }) => providers.createProvider(OPERATOR, relay('one'))),
    );
    expect(payloads.flatMap(refusals)).toEqual(['NAME_TAKEN name']);
  });

  it('of which one cannot be read are used without it; that is told once', async () => {
    await make(relay('good'));
    await make(relay('moved'));
    await make(relay('newer'));
    await route('moved', 'good');
    const errors = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    await here.pools.main.query(
      `update provider set secrets = (select secrets from provider where name = 'good') where name = 'moved'`,
    );
    await here.pools.main.query(
      `update provider set settings = '{"host": "x", "fromTheFuture": true}' where name = 'newer'`,
    );
    await here.pools.main.query(
      `insert into provider (id, name, kind, state, settings, limits, signing) values (gen_random_uuid(), 'alien', 'PIGEON', 'ACTIVE', '{}', '{}', 'POSTERN')`,
    );
    await here.directory.reload();
    await make(relay('another'));
    await there.directory.reload();
    expect(
      here.directory
        .providers()
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual(['another', 'good', 'sandbox']);
    expect(here.directory.routeFor(MAIL)?.steps).toEqual([[{ provider: 'good', weight: 1 }]]);
    const shown = await here.providers.providers();
    expect(shown.filter(({ problem }) => problem !== null)).toMatchObject([
      { name: 'moved', hasCredentials: true, settings: null, problem: expect.stringContaining('cannot be read') },
      { name: 'newer', problem: expect.stringContaining('settings.fromTheFuture is not known here.') },
    ]);
    const told = errors.mock.calls.map(([line]) => (line as { provider: string }).provider);
    // Once by each of the two processes.
    expect(told.toSorted()).toEqual(['moved', 'moved', 'newer', 'newer']);
  });

  it('read with an earlier key go on, and a change seals them with the new one', async () => {
    await make(relay('one'));
    const next = randomBytes(32).toString('base64');
    const both = await openProcess(database.url, { encryptionKey: [next, KEY] });
    expect(both.directory.provider('one')?.settings).toMatchObject({ auth: { pass: PASSWORD } });
    await both.providers.updateProvider(OPERATOR, { name: 'one' });
    await both.close();
    const only = await openProcess(database.url, { encryptionKey: [next] });
    expect(only.directory.provider('one')?.settings).toMatchObject({ auth: { pass: PASSWORD } });
    await only.close();
  });

  it('stay behind those of the configuration, which cannot be changed', async () => {
    await make(relay('one'));
    await route('one');
    const providers = JSON.stringify({
      providers: [{ name: 'one', kind: 'SMTP', settings: { host: 'configured.test' } }],
      routes: [{ lane: 'OTP', steps: [{ providers: [{ provider: 'one' }] }] }],
    });
    const configured = await openProcess(database.url, {
      encryptionKey: [KEY],
      providers,
      smtpUrl: 'smtp://last.test',
    });
    try {
      expect(configured.directory.provider('one')).toMatchObject({
        source: 'CONFIGURATION',
        settings: { host: 'configured.test' },
      });
      const { providers: api } = configured;
      expect(refusals(await api.createProvider(OPERATOR, relay('smtp')))).toEqual(['NAME_TAKEN name']);
      for (const refused of [
        await api.updateProvider(OPERATOR, { name: 'one' }),
        await api.drainProvider(OPERATOR, { name: 'smtp' }),
        await api.deleteProvider(OPERATOR, { name: 'one' }),
      ]) {
        expect(refusals(refused)).toEqual(['PROVIDER_READ_ONLY name']);
      }
      expect((await configured.routes.routes()).nodes.map(({ source, lane }) => [source, lane])).toEqual([
        ['CONFIGURATION', 'OTP'],
        ['API', null],
        ['CONFIGURATION', null],
      ]);
      // The relay is the way of last resort: a route for everything comes before it.
      expect(configured.directory.routeFor({ ...MAIL, lane: 'BULK' })?.steps).toEqual([
        [{ provider: 'one', weight: 1 }],
      ]);
    } finally {
      await configured.close();
    }
  });

  it('survive a database that is away: what was last read stays', async () => {
    await make(relay('one'));
    jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    await here.pools.main.query('alter table provider rename to away');
    await expect(here.directory.reload()).rejects.toThrow();
    expect(here.directory.provider('one')).toBeDefined();
    await here.pools.main.query('alter table away rename to provider');
    await here.directory.reload();
  });
});
