import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { newUuidV7 } from '../../../src/database/uuid-v7.js';
import { encodeId } from '../../../src/domain/opaque-id.js';
import type { Principal } from '../../../src/domain/principal.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { addTenant } from '../../support/tenant.js';
import { openProcess, type ProvidersProcess } from './process.js';

const OPERATOR: Principal = { tenantId: newUuidV7(), keyId: newUuidV7(), mode: 'TEST', scopes: ['OPERATE'] };

describe('routes set by mutation', () => {
  let database: TestDatabase;
  let here: ProvidersProcess;
  let there: ProvidersProcess;

  beforeEach(async () => {
    database = await createTestDatabase();
    [here, there] = await Promise.all([openProcess(database.url), openProcess(database.url)]);
  });
  afterEach(async () => {
    await Promise.all([here.close(), there.close()]);
    await database.drop();
  });

  const refusals = (payload: { userErrors: { code: string; path: readonly string[] | null }[] }): string[] =>
    payload.userErrors.map(({ code, path }) => `${code} ${path?.join('.')}`);

  it('are replaced as a whole, and by one of two who do so at the same time', async () => {
    const one = { name: 'one', settings: { smtp: { host: 'relay.test' } } };
    expect(await here.providers.createProvider(OPERATOR, one)).toMatchObject({ userErrors: [] });
    const { version } = await here.routes.routes();
    const input = (lane: 'OTP' | 'BULK') => ({
      expectedVersion: version,
      routes: [{ lane, steps: [{ providers: [{ provider: 'one', weight: 2 }] }] }],
    });
    const payloads = await Promise.all([
      here.routes.setRoutes(OPERATOR, input('OTP')),
      there.routes.setRoutes(OPERATOR, input('BULK')),
    ]);
    expect(payloads.flatMap(refusals)).toEqual(['ROUTES_CHANGED expectedVersion']);
    const set = payloads.find(({ routes }) => routes !== null)?.routes;
    expect(set?.version).not.toBe(version);
    expect(set?.nodes).toMatchObject([{ source: 'API', steps: [{ providers: [{ provider: 'one', weight: 2 }] }] }]);
    expect((await there.routes.routes()).version).toBe(set?.version);
  });

  it('come back as they were set', async () => {
    const tenantId = await addTenant(here.pools.main);
    const wanted = {
      tenantId: encodeId('tnt', tenantId),
      lane: 'OTP' as const,
      senderDomain: '*.a.test',
      recipientDomain: 'b.test',
      steps: [{ providers: [{ provider: 'sandbox', weight: 7 }] }],
    };
    const { version } = await here.routes.routes();
    await here.routes.setRoutes(OPERATOR, { expectedVersion: version, routes: [wanted] });
    expect((await there.routes.routes()).nodes).toEqual([{ source: 'API', ...wanted }]);
    const mail = { tenantId, lane: 'OTP', senderDomain: 'x.a.test', recipientDomain: 'b.test' } as const;
    expect(here.directory.routeFor(mail)).toBeDefined();
    expect(here.directory.routeFor({ ...mail, tenantId: newUuidV7() })).toBeUndefined();
  });

  it('are refused with the path of everything that is wrong, and stay', async () => {
    const set = async (routes: object[]): Promise<string[]> => {
      const { version } = await here.routes.routes();
      return refusals(await here.routes.setRoutes(OPERATOR, { expectedVersion: version, routes: routes as never }));
    };
    const to = (...names: string[]) => ({ steps: [{ providers: names.map((provider) => ({ provider })) }] });
    expect(await set([to('none'), { ...to('sandbox'), lane: 'OTP', tenantId: encodeId('tnt', newUuidV7()) }])).toEqual([
      'NOT_FOUND routes.1.tenantId',
      'NOT_FOUND routes.0.steps.0.providers.0.provider',
    ]);
    expect(await set([to('sandbox', 'sandbox'), to('sandbox')])).toEqual([
      'INVALID_VALUE routes.0.steps.0.providers.1.provider',
      'INVALID_VALUE routes.1',
    ]);
    expect(await set([{ steps: [] }, { ...to(), recipientDomain: 'a b' }])).toEqual([
      'INVALID_VALUE routes.0.steps',
      'INVALID_VALUE routes.1.recipientDomain',
      'INVALID_VALUE routes.1.steps.0.providers',
    ]);
    expect(await set(Array.from({ length: 501 }, () => to('sandbox')))).toEqual(['TOO_MANY routes']);
    expect((await here.routes.routes()).nodes).toEqual([]);
  });
});
