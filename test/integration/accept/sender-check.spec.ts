import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newUuidV7 } from '../../../src/database/uuid-v7.js';
import type { Principal } from '../../../src/domain/principal.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { codesOf, draft, newPrincipal, openRig, type Rig } from './rig.js';

let database: TestDatabase;
let rig: Rig;
let strict: Rig;
let open: Rig;
let live: Principal;

beforeAll(async () => {
  database = await createTestDatabase();
  rig = openRig(database.url);
  strict = openRig(database.url, { fromPolicy: 'verified' });
  open = openRig(database.url, { fromPolicy: 'any' });
});
beforeEach(async () => {
  live = await newPrincipal(rig, 'LIVE');
});
afterAll(async () => {
  await Promise.all([rig, strict, open].map(({ pools }) => pools.close()));
  await database.drop();
});

/** A domain as if it had been verified, of which the processes have heard. */
async function verified(name: string, status = 'VERIFIED'): Promise<void> {
  await rig.pools.main.query(
    `insert into sender_domain (tenant_id, id, name, status, ownership_token, return_path, verified_at)
     values ($1, $2, $3, $4, 't', 'bounce.' || $3, now())`,
    [live.tenantId, newUuidV7(), name, status],
  );
  for (const { domains } of [rig, strict, open]) await domains.reload();
}

const from = (address: string) => draft({ from: { address } });
const sent = async (at: Rig, by: Principal, address: string): Promise<string[]> =>
  codesOf(await at.acceptor.accept(by, from(address)));

describe('the From address of live mail', () => {
  it('is free until the tenant has a verified domain, then at it or below it', async () => {
    const name = `${live.tenantId}.test`;
    expect(await sent(rig, live, 'a@anywhere.test')).toEqual([]);
    await verified(name);
    expect(await rig.acceptor.accept(live, from('a@anywhere.test'))).toMatchObject({
      errors: [
        {
          code: 'SENDER_NOT_VERIFIED',
          path: ['from', 'address'],
          message: expect.stringMatching(/^anywhere\.test .*createDomain.*verifyDomain/),
        },
      ],
    });
    expect(await sent(rig, live, `a@${name}`)).toEqual([]);
    expect(await sent(rig, live, `a@news.${name}`)).toEqual([]);
    expect(await sent(rig, live, `a@x${name}`)).toEqual(['SENDER_NOT_VERIFIED']);
  });

  it('stays bound when the only domain was lost, and is never another tenant’s', async () => {
    const name = `${live.tenantId}.test`;
    const owner = live;
    await verified(name);
    live = await newPrincipal(rig, 'LIVE');
    expect(await sent(rig, live, `a@news.${name}`)).toEqual(['SENDER_NOT_VERIFIED']);
    expect(await sent(rig, live, 'a@anywhere.test')).toEqual([]);
    await verified(`lost.${live.tenantId}.test`, 'LOST');
    expect(await sent(rig, live, `a@lost.${live.tenantId}.test`)).toEqual(['SENDER_NOT_VERIFIED']);
    expect(await sent(rig, live, `a@${name}`)).toEqual(['SENDER_NOT_VERIFIED']);
    expect(await sent(rig, owner, `a@${name}`)).toEqual([]);
  });

  it('follows POSTERN_FROM_POLICY', async () => {
    expect(await sent(strict, live, 'a@anywhere.test')).toEqual(['SENDER_NOT_VERIFIED']);
    await verified(`${live.tenantId}.test`);
    expect(await sent(strict, live, `a@${live.tenantId}.test`)).toEqual([]);
    expect(await sent(open, live, 'a@anywhere.test')).toEqual([]);
  });

  it('is not asked about of test keys', async () => {
    await verified(`${live.tenantId}.test`);
    expect(await sent(rig, { ...live, mode: 'TEST' }, 'a@anywhere.test')).toEqual([]);
    expect(await sent(strict, { ...live, mode: 'TEST' }, 'a@anywhere.test')).toEqual([]);
  });

  it('is judged in batches, each message on its own or all together', async () => {
    const name = `${live.tenantId}.test`;
    await verified(name);
    const drafts = [from(`a@${name}`), from('a@anywhere.test')];
    const each = await rig.batches.accept(live, drafts, false);
    expect(each.map(codesOf)).toEqual([[], ['SENDER_NOT_VERIFIED']]);
    const all = await rig.batches.accept(live, drafts, true);
    expect(all.map(codesOf)).toEqual([['BATCH_ABORTED'], ['SENDER_NOT_VERIFIED']]);
  });
});
