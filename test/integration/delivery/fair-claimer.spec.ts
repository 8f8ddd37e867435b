import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Principal } from '../../../src/domain/principal.js';
import { FairClaimer } from '../../../src/sending/delivery/fair-claimer.js';
import { type TestDatabase, createTestDatabase } from '../../support/postgres.js';
import { type Rig, draft, newPrincipal, openRig } from '../accept/rig.js';
import { type WorkerRig, openWorker } from './worker-rig.js';

describe('claims for one lane', () => {
  let database: TestDatabase;
  let api: Rig;
  let worker: WorkerRig;
  let claimer: FairClaimer;

  beforeEach(async () => {
    database = await createTestDatabase();
    api = openRig(database.url);
    worker = openWorker(database.url);
    claimer = new FairClaimer('TRANSACTIONAL', worker.jobs);
  });

  afterEach(async () => {
    await worker.stop();
    await api.pools.close();
    await database.drop();
  });

  const tenants = async (count: number, messages: number): Promise<Principal[]> => {
    const principals = await Promise.all(Array.from({ length: count }, () => newPrincipal(api, 'LIVE')));
    const accepting = principals.flatMap((principal) =>
      Array.from({ length: messages }, () => api.acceptor.accept(principal, draft())),
    );
    await Promise.all(accepting);
    return principals;
  };

  const claim = async (...how: Parameters<FairClaimer['claim']>): Promise<string[]> =>
    (await claimer.claim(...how)).jobs.map((job) => job.tenantId);

  it('come round to every tenant, also where there are more of them than jobs in a claim', async () => {
    await tenants(12, 5);
    const claimed = [...(await claim(4)), ...(await claim(4)), ...(await claim(4))];
    expect(new Set(claimed).size).toBe(12);
  });

  it('take as much of each, and the rest of those with more', async () => {
    const [small] = await tenants(1, 2);
    const [large] = await tenants(1, 20);
    const claimed = await claim(10);
    expect(claimed.filter((tenantId) => tenantId === small?.tenantId)).toHaveLength(2);
    expect(claimed.filter((tenantId) => tenantId === large?.tenantId)).toHaveLength(8);
  });

  it('can be for some tenants only', async () => {
    const [first, second] = await tenants(2, 3);
    expect(await claim(10, (tenantId) => tenantId !== first?.tenantId)).toEqual(Array(3).fill(second?.tenantId));
  });
});
