import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { MessageDraft } from '../../../src/domain/message-draft.js';
import type { Principal } from '../../../src/domain/principal.js';
import type { Acceptance } from '../../../src/sending/accept/acceptance.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { startCuttingProxy } from './cutting-proxy.js';
import { codesOf, draft, idOf, newPrincipal, openRig, type Rig, rowsOf } from './rig.js';

describe('BatchAcceptor', () => {
  let database: TestDatabase;
  let rig: Rig;
  let principal: Principal;

  beforeAll(async () => {
    database = await createTestDatabase();
    rig = openRig(database.url);
  });
  beforeEach(async () => {
    principal = await newPrincipal(rig);
    rig.published.length = 0;
  });
  afterAll(async () => {
    await rig.pools.close();
    await database.drop();
  });

  const accept = (drafts: MessageDraft[], atomic = false): Promise<Acceptance[]> =>
    rig.batches.accept(principal, drafts, atomic);
  const kinds = (acceptances: Acceptance[]): string[] =>
    acceptances.map((one) => (one.kind === 'refused' ? codesOf(one).join() : one.kind));
  const poison = (): MessageDraft => ({ ...draft(), subject: 'a\0b' });

  it.each([false, true])('accepts 500 messages in one transaction, in order (atomic: %s)', async (atomic) => {
    const drafts = Array.from({ length: 500 }, (_, i) => draft({ idempotencyKey: `b-${i}`, subject: `${i}` }));
    const acceptances = await accept(drafts, atomic);
    expect(acceptances.map((one) => one.kind === 'accepted' && one.message.subject)).toEqual(
      drafts.map((one) => one.subject),
    );
    const { rows } = await rig.pools.main.query<{ count: string }>(
      'select count(distinct tx) from delivery_event where tenant_id = $1',
      [principal.tenantId],
    );
    expect(rows[0]?.count).toBe('1');
    expect(await rowsOf(rig, principal.tenantId)).toMatchObject({ message: 500, send_job: 500 });
    expect(new Set(rig.published)).toEqual(new Set(['jobs:TRANSACTIONAL', 'events']));
    // The same batch again.
    expect(new Set(kinds(await accept(drafts, atomic)))).toEqual(new Set(['replayed']));
    expect(await rowsOf(rig, principal.tenantId)).toMatchObject({ message: 500, send_job: 500 });
  });

  it('judges each message on its own merits', async () => {
    await accept([draft({ idempotencyKey: 'known' }), draft({ idempotencyKey: 'taken' })]);
    const acceptances = await accept([
      draft(),
      draft({ idempotencyKey: 'known' }),
      draft({ idempotencyKey: 'taken', subject: 'Other' }),
      draft({ idempotencyKey: 'new' }),
    ]);
    expect(kinds(acceptances)).toEqual(['accepted', 'replayed', 'IDEMPOTENCY_CONFLICT', 'accepted']);
    expect(await rowsOf(rig, principal.tenantId)).toMatchObject({ message: 4 });
  });

  it('settles what repeats within the batch', async () => {
    const acceptances = await accept([
      draft({ idempotencyKey: 'k' }),
      draft({ idempotencyKey: 'k' }),
      draft({ idempotencyKey: 'k', subject: 'Other' }),
    ]);
    expect(kinds(acceptances)).toEqual(['accepted', 'replayed', 'IDEMPOTENCY_CONFLICT']);
    expect(idOf(acceptances[0])).toBe(idOf(acceptances[1]));
    expect(await rowsOf(rig, principal.tenantId)).toMatchObject({ message: 1, recipient: 1 });
  });

  it('accepts the others when one cannot be stored', async () => {
    expect(kinds(await accept([draft(), poison(), draft()]))).toEqual(['accepted', 'INVALID_VALUE', 'accepted']);
    expect(await rowsOf(rig, principal.tenantId)).toMatchObject({ message: 2, send_job: 2 });
  });

  it('accepts none of an atomic batch when one is refused', async () => {
    await accept([draft({ idempotencyKey: 'taken' })]);
    const conflict = [draft({ idempotencyKey: 'free' }), draft({ idempotencyKey: 'taken', subject: 'Other' }), draft()];
    expect(kinds(await accept(conflict, true))).toEqual(['BATCH_ABORTED', 'IDEMPOTENCY_CONFLICT', 'BATCH_ABORTED']);
    expect(kinds(await accept([draft(), poison()], true))).toEqual(['BATCH_ABORTED', 'INVALID_VALUE']);
    const within = [draft({ idempotencyKey: 'w' }), draft({ idempotencyKey: 'w', subject: 'Other' })];
    expect(kinds(await accept(within, true))).toEqual(['BATCH_ABORTED', 'IDEMPOTENCY_CONFLICT']);
    expect(await rowsOf(rig, principal.tenantId)).toMatchObject({ message: 1, idempotency_key: 1, delivery_event: 1 });
    expect(rig.published).toEqual(['jobs:TRANSACTIONAL', 'events']);
  });

  it('refuses what could only wait for ever', async () => {
    const bare = openRig(database.url, { smtpUrl: undefined });
    const live: Principal = { ...principal, mode: 'LIVE' };
    const magic = draft({ to: [{ address: 'delivered@postern.test' }] });
    try {
      expect(kinds(await bare.batches.accept(live, [draft(), magic], false))).toEqual([
        'PROVIDER_NOT_CONFIGURED',
        'accepted',
      ]);
      expect(kinds(await bare.batches.accept(live, [draft(), magic], true))).toEqual([
        'PROVIDER_NOT_CONFIGURED',
        'BATCH_ABORTED',
      ]);
    } finally {
      await bare.pools.close();
    }
  });

  // Replies of an atomic batch: begin, the statement, commit.
  it.each([
    [false, 1],
    [true, 2],
    [true, 3],
  ])('finds out what became of a batch whose answer was lost (atomic: %s, reply %i)', async (atomic, reply) => {
    const proxy = await startCuttingProxy(database.url);
    const cut = openRig(proxy.url, { databasePool: 2 });
    try {
      await cut.batches.accept(await newPrincipal(cut), [draft()], atomic);
      proxy.cutReply(reply);
      const acceptances = await cut.batches.accept(
        principal,
        [draft(), draft({ idempotencyKey: 'k' }), draft()],
        atomic,
      );
      expect(proxy.cuts).toBe(1);
      expect(new Set(kinds(acceptances))).toEqual(new Set([reply === 2 ? 'accepted' : 'recovered']));
      expect(await rowsOf(rig, principal.tenantId)).toMatchObject({ message: 3, recipient: 3, send_job: 3 });
    } finally {
      await cut.pools.close();
      await proxy.close();
    }
  });
});
