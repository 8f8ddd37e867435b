import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Principal } from '../../../src/domain/principal.js';
import { type RecipientStatus, statusCode, statusOf } from '../../../src/domain/recipient-status.js';
import { eventTypeOf } from '../../../src/domain/delivery-event.js';
import type { Change } from '../../../src/sending/accept/pending-messages.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { draft, idOf, newPrincipal, openRig, type Rig } from './rig.js';

const HOUR = 3_600_000;
const two = { to: [{ address: 'bob@example.net' }, { address: 'cy@example.net' }] };

describe('PendingMessages', () => {
  let database: TestDatabase;
  let rig: Rig;
  let principal: Principal;

  beforeAll(async () => {
    database = await createTestDatabase();
    rig = openRig(database.url);
  });
  beforeEach(async () => {
    principal = await newPrincipal(rig);
  });
  afterAll(async () => {
    await rig.pools.close();
    await database.drop();
  });

  const accept = async (input: Parameters<typeof draft>[0]): Promise<string> => {
    const id = idOf(await rig.acceptor.accept(principal, draft(input)));
    rig.published.length = 0;
    return id;
  };
  const query = async (text: string, id: string): Promise<Record<string, unknown>[]> =>
    (await rig.pools.main.query<Record<string, unknown>>(text, [principal.tenantId, id])).rows;
  const jobs = (id: string): Promise<Record<string, unknown>[]> =>
    query(
      'select n, run_at, attempt, lost, lease from send_job where tenant_id = $1 and message_id = $2 order by n',
      id,
    );
  const statuses = async (id: string): Promise<string[]> =>
    (await rig.messages.recipients(principal.tenantId, [id])).map((row) => statusOf(row.status));
  const events = async (id: string): Promise<string[]> => {
    const rows = await query(
      'select type from delivery_event where tenant_id = $1 and message_id = $2 order by id',
      id,
    );
    return rows.map((row) => eventTypeOf(row['type'] as number)).filter((type) => type !== 'ACCEPTED');
  };
  const claim = (id: string, n: number): Promise<unknown> =>
    rig.pools.main.query(
      `update send_job set lease = $3, run_at = now() + interval '1 minute', attempt = attempt + 1
        where tenant_id = $1 and message_id = $2 and n = $4`,
      [principal.tenantId, id, randomUUID(), n],
    );
  const setStatus = (id: string, n: number, status: RecipientStatus, attempts = 0): Promise<unknown> =>
    rig.pools.main.query(
      'update recipient set status = $3, attempts = $4 where tenant_id = $1 and message_id = $2 and n = $5',
      [principal.tenantId, id, statusCode(status), attempts, n],
    );
  const dropJobs = (id: string): Promise<unknown> =>
    rig.pools.main.query('delete from send_job where tenant_id = $1 and message_id = $2', [principal.tenantId, id]);
  const codeOf = (change: Change): string => (change.kind === 'refused' ? change.error.code : change.kind);

  it('cancels what waits, but not what is being sent, and only once', async () => {
    const id = await accept(two);
    await claim(id, 1);
    const change = await rig.pending.cancel(principal, id);
    expect(codeOf(change)).toBe('changed');
    expect(await statuses(id)).toEqual(['CANCELLED', 'SENDING']);
    expect(await jobs(id)).toMatchObject([{ n: 1 }]);
    expect(await events(id)).toEqual(['CANCELLED']);
    expect(rig.published).toEqual(['events']);
    expect(await rig.pending.cancel(principal, id)).toMatchObject({ error: { code: 'NOT_CANCELLABLE', path: ['id'] } });
    expect(await events(id)).toEqual(['CANCELLED']);
  });

  it('cancels what is held, scheduled or deferred', async () => {
    const held = await accept({ hold: true });
    expect(codeOf(await rig.pending.cancel(principal, held))).toBe('changed');
    const scheduled = await accept({ sendAt: new Date(Date.now() + HOUR) });
    expect(codeOf(await rig.pending.cancel(principal, scheduled))).toBe('changed');
    const deferred = await accept({});
    await setStatus(deferred, 0, 'DEFERRED', 2);
    expect(codeOf(await rig.pending.cancel(principal, deferred))).toBe('changed');
    for (const id of [held, scheduled, deferred]) {
      expect(await statuses(id)).toEqual(['CANCELLED']);
      expect(await jobs(id)).toEqual([]);
    }
  });

  it('cancels once when many ask at the same time', async () => {
    const id = await accept(two);
    const changes = await Promise.all(Array.from({ length: 8 }, () => rig.pending.cancel(principal, id)));
    expect(changes.map(codeOf).toSorted()).toEqual([...Array<string>(7).fill('NOT_CANCELLABLE'), 'changed']);
    expect(await events(id)).toEqual(['CANCELLED', 'CANCELLED']);
  });

  it('gives another time, and with a time that has come sends at once', async () => {
    const id = await accept({ sendAt: new Date(Date.now() + HOUR), expiresAt: new Date(Date.now() + 4 * HOUR) });
    const later = new Date(Date.now() + 2 * HOUR);
    const change = await rig.pending.reschedule(principal, id, later);
    expect(codeOf(change)).toBe('changed');
    expect(await jobs(id)).toMatchObject([{ run_at: later }]);
    expect(await rig.messages.byIds(principal.tenantId, [id])).toMatchObject([{ sendAt: later }]);
    expect(await statuses(id)).toEqual(['SCHEDULED']);

    expect(await rig.pending.reschedule(principal, id, new Date(Date.now() + 5 * HOUR))).toMatchObject({
      error: { code: 'INVALID_TIME', path: ['sendAt'] },
    });
    expect(codeOf(await rig.pending.reschedule(principal, id, new Date(0)))).toBe('INVALID_TIME');
    expect(codeOf(await rig.pending.reschedule(principal, id, new Date(Date.now() + 1000 * 24 * HOUR)))).toBe(
      'INVALID_TIME',
    );

    expect(codeOf(await rig.pending.reschedule(principal, id, new Date()))).toBe('changed');
    expect(await statuses(id)).toEqual(['QUEUED']);
    expect(await events(id)).toEqual(['RESCHEDULED', 'RESCHEDULED']);
    expect(rig.published).toContain('jobs:TRANSACTIONAL');
    await claim(id, 0);
    expect(codeOf(await rig.pending.reschedule(principal, id, later))).toBe('NOT_RESCHEDULABLE');
  });

  it('counts the time until another day not as time that its way was shut', async () => {
    const id = await accept({});
    await query('update send_job set parked_since = now() where tenant_id = $1 and message_id = $2', id);
    await rig.pending.reschedule(principal, id, new Date(Date.now() + 70 * HOUR));
    const [job] = await query('select parked_since from send_job where tenant_id = $1 and message_id = $2', id);
    expect(job).toEqual({ parked_since: null });
  });

  it('releases what is held, at its time', async () => {
    const now = await accept({ hold: true, ...two });
    expect(codeOf(await rig.pending.release(principal, now))).toBe('changed');
    expect(await statuses(now)).toEqual(['QUEUED', 'QUEUED']);
    expect(await jobs(now)).toHaveLength(2);
    expect(rig.published).toEqual(['events', 'jobs:TRANSACTIONAL']);
    expect(codeOf(await rig.pending.release(principal, now))).toBe('NOT_HELD');

    const sendAt = new Date(Date.now() + HOUR);
    const later = await accept({ hold: true, sendAt });
    expect(codeOf(await rig.pending.release(principal, later))).toBe('changed');
    expect(await statuses(later)).toEqual(['SCHEDULED']);
    expect(await jobs(later)).toMatchObject([{ run_at: sendAt }]);
  });

  it('releases what was quarantined, counting attempts where they stopped', async () => {
    const id = await accept({});
    await dropJobs(id);
    await setStatus(id, 0, 'HELD', 3);
    expect(codeOf(await rig.pending.release(principal, id))).toBe('changed');
    expect(await jobs(id)).toMatchObject([{ attempt: 3, lost: 0, lease: null }]);
  });

  it('resolves what is in doubt, whether or not a resend was planned', async () => {
    for (const [resolution, status] of [
      ['RESEND', 'QUEUED'],
      ['HANDED_OFF', 'HANDED_OFF'],
      ['FAILED', 'FAILED'],
    ] as const) {
      for (const planned of [false, true]) {
        const id = await accept(two);
        await setStatus(id, 1, 'IN_DOUBT', 1);
        if (!planned) await dropJobs(id);
        expect(codeOf(await rig.pending.resolve(principal, id, 1, resolution))).toBe('changed');
        expect((await statuses(id))[1]).toBe(status);
        expect((await jobs(id)).filter((job) => job['n'] === 1)).toHaveLength(resolution === 'RESEND' ? 1 : 0);
        expect(await events(id)).toEqual(['RESOLVED']);
        expect(await rig.pending.resolve(principal, id, 1, resolution)).toMatchObject({
          error: { code: 'NOT_IN_DOUBT', path: ['recipientId'] },
        });
        expect(codeOf(await rig.pending.resolve(principal, id, 0, resolution))).toBe('NOT_IN_DOUBT');
        expect(codeOf(await rig.pending.resolve(principal, id, 7, resolution))).toBe('NOT_FOUND');
      }
    }
  });

  it('leaves a doubt alone while its mail is being sent again', async () => {
    const id = await accept({});
    await setStatus(id, 0, 'IN_DOUBT', 1);
    await claim(id, 0);
    expect(codeOf(await rig.pending.resolve(principal, id, 0, 'FAILED'))).toBe('NOT_IN_DOUBT');
    expect(await statuses(id)).toEqual(['SENDING']);
    expect(await jobs(id)).toHaveLength(1);
  });

  it('finds nothing of another tenant, and for a test key nothing live', async () => {
    const id = await accept({ hold: true });
    const stranger = await newPrincipal(rig);
    const later = new Date(Date.now() + HOUR);
    expect(codeOf(await rig.pending.cancel(stranger, id))).toBe('NOT_FOUND');
    expect(codeOf(await rig.pending.reschedule(stranger, id, later))).toBe('NOT_FOUND');
    expect(codeOf(await rig.pending.release(stranger, id))).toBe('NOT_FOUND');
    expect(codeOf(await rig.pending.resolve(stranger, id, 0, 'RESEND'))).toBe('NOT_FOUND');

    const live: Principal = { ...principal, mode: 'LIVE' };
    const real = idOf(await rig.acceptor.accept(live, draft({ hold: true })));
    expect(codeOf(await rig.pending.release(principal, real))).toBe('NOT_FOUND');
    expect(codeOf(await rig.pending.release(live, real))).toBe('changed');
  });
});
