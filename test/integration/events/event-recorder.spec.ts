import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import type { Signals } from '../../../src/database/signals.js';
import type { EventType } from '../../../src/domain/delivery-event.js';
import {
  RECIPIENT_STATUSES,
  type RecipientStatus,
  statusCode,
  statusOf,
} from '../../../src/domain/recipient-status.js';
import { EventRecorder, type RecipientChange } from '../../../src/events/event-recorder.js';
import { createTestDatabase } from '../../support/postgres.js';
import { addTenant } from '../../support/tenant.js';
import { type Ledger, addMessage } from './ledger.js';

const LATE: readonly RecipientStatus[] = ['HANDED_OFF', 'DELIVERED', 'BOUNCED'];

/** The rule in words: below 10 anything goes, later only upwards along the late statuses. */
function next(now: RecipientStatus, news: RecipientStatus): RecipientStatus {
  if (statusCode(now) < 10) return news;
  return LATE.includes(now) && LATE.includes(news) && statusCode(news) > statusCode(now) ? news : now;
}

function permutations<T>(list: readonly T[]): T[][] {
  if (list.length < 2) return [[...list]];
  return list.flatMap((first, i) =>
    permutations([...list.slice(0, i), ...list.slice(i + 1)]).map((rest) => [first, ...rest]),
  );
}

describe('EventRecorder', () => {
  let database: Awaited<ReturnType<typeof createTestDatabase>>;
  let pool: pg.Pool;
  let ledger: Ledger;
  const publish = jest.fn();
  const recorder = new EventRecorder({ publish } as unknown as Signals);

  const change = (event: EventType, more: Partial<RecipientChange> = {}): RecipientChange => ({
    tenantId: ledger.tenantId,
    messageId: ledger.messageId,
    n: 0,
    event,
    ...more,
  });
  const recipient = async (n = 0): Promise<Record<string, unknown>> => {
    const { rows } = await pool.query<Record<string, unknown>>(
      'select * from recipient where tenant_id = $1 and message_id = $2 and n = $3',
      [ledger.tenantId, ledger.messageId, n],
    );
    return rows[0] ?? {};
  };
  const setStatus = (status: RecipientStatus): Promise<unknown> =>
    pool.query('update recipient set status = $1, attempts = 0 where tenant_id = $2 and message_id = $3', [
      statusCode(status),
      ledger.tenantId,
      ledger.messageId,
    ]);
  const status = async (): Promise<RecipientStatus> => statusOf((await recipient())['status'] as number);

  beforeAll(async () => {
    database = await createTestDatabase();
    pool = new pg.Pool({ connectionString: database.url, max: 12 });
  });
  afterAll(async () => {
    await pool.end();
    await database.drop();
  });
  beforeEach(async () => {
    ledger = await addMessage(pool, await addTenant(pool), { recipients: 3 });
  });

  it('writes event, attempt and recipient together', async () => {
    const startedAt = new Date('2026-11-20T10:00:00Z');
    await recorder.record(pool, [
      change('DEFERRED', {
        status: 'DEFERRED',
        attempts: 1,
        reason: 'GREYLISTED',
        smtpCode: 451,
        enhancedCode: '4.7.1',
        reply: 'come back, "later"\\ {},',
        data: { nextAttemptAt: '2026-11-20T10:01:00.000Z' },
        attempt: {
          attempt: 1,
          outcome: 'DEFERRED',
          provider: 'relay',
          stage: 'RCPT',
          startedAt,
          finishedAt: startedAt,
        },
      }),
    ]);
    expect(await recipient()).toMatchObject({
      status: 3,
      attempts: 1,
      reason: 'GREYLISTED',
      smtp_code: 451,
      enhanced_code: '4.7.1',
      reply: 'come back, "later"\\ {},',
    });
    expect(await recipient(1)).toMatchObject({ status: 1, attempts: 0, reason: null });
    const events = await pool.query<Record<string, unknown>>('select * from delivery_event where tenant_id = $1', [
      ledger.tenantId,
    ]);
    expect(events.rows).toHaveLength(1);
    expect(events.rows[0]).toMatchObject({
      type: 10,
      n: 0,
      data: {
        status: 'DEFERRED',
        attempt: 1,
        provider: 'relay',
        reason: 'GREYLISTED',
        code: 451,
        enhanced: '4.7.1',
        text: 'come back, "later"\\ {},',
        nextAttemptAt: '2026-11-20T10:01:00.000Z',
      },
    });
    const attempts = await pool.query<Record<string, unknown>>('select * from attempt where tenant_id = $1', [
      ledger.tenantId,
    ]);
    expect(attempts.rows).toMatchObject([
      { attempt: 1, outcome: 'DEFERRED', provider: 'relay', stage: 'RCPT', smtp_code: 451, started_at: startedAt },
    ]);
  });

  it('gives ids in the order of the list and repeats an attempt without failing', async () => {
    const at = new Date();
    const attempt = { attempt: 1, outcome: 'ACCEPTED', startedAt: at, finishedAt: at } as const;
    const types: EventType[] = ['ACCEPTED', 'RELEASED', 'DEFERRED', 'HANDED_OFF', 'DELIVERED'];
    const changes = types.flatMap((event) => [2, 0, 1].map((n) => change(event, { n, attempt })));
    await recorder.record(pool, changes);
    await recorder.record(pool, [change('BOUNCED', { attempt })]);
    const { rows } = await pool.query<{ n: number; type: number }>(
      'select n, type from delivery_event where tenant_id = $1 order by id',
      [ledger.tenantId],
    );
    expect(rows.map((row) => row.n)).toEqual([...changes.map((c) => c.n), 0]);
    expect(rows.map((row) => row.type)).toEqual([0, 0, 0, 2, 2, 2, 10, 10, 10, 20, 20, 20, 21, 21, 21, 30]);
    const attempts = await pool.query('select from attempt where tenant_id = $1', [ledger.tenantId]);
    expect(attempts.rowCount).toBe(3);
  });

  it('leaves the recipient alone for a fact, and never lowers the attempts', async () => {
    await recorder.record(pool, [change('DEFERRED', { status: 'DEFERRED', attempts: 3, reason: 'NETWORK' })]);
    const before = await recipient();
    await recorder.record(pool, [change('RESCHEDULED', { attempts: 2 })]);
    expect(await recipient()).toEqual(before);
    await recorder.record(pool, [change('ATTEMPT_LOST', { attempts: 4 })]);
    expect(await recipient()).toMatchObject({ status: 3, attempts: 4, reason: 'NETWORK' });
  });

  it('moves between any two statuses exactly as the rule says', async () => {
    for (const now of RECIPIENT_STATUSES) {
      for (const news of RECIPIENT_STATUSES) {
        await setStatus(now);
        await recorder.record(pool, [change('DEFERRED', { status: news })]);
        expect([now, news, await status()]).toEqual([now, news, next(now, news)]);
      }
    }
  });

  it('comes to the same end for late news in any order, one by one or in one batch', async () => {
    const news: RecipientStatus[] = ['HANDED_OFF', 'DELIVERED', 'BOUNCED', 'DELIVERED'];
    for (const start of ['QUEUED', 'HANDED_OFF', 'FAILED'] as const) {
      for (const order of permutations(news)) {
        const expected = order.reduce(next, start);
        expect(expected).toBe(start === 'FAILED' ? 'FAILED' : 'BOUNCED');
        await setStatus(start);
        for (const one of order) await recorder.record(pool, [change('DELIVERED', { status: one })]);
        expect(await status()).toBe(expected);
        await setStatus(start);
        await recorder.record(
          pool,
          order.map((one) => change('DELIVERED', { status: one })),
        );
        expect(await status()).toBe(expected);
      }
    }
  });

  it('folds a mixed batch as if its changes had come one by one', async () => {
    const news: RecipientStatus[] = ['DEFERRED', 'FAILED', 'HANDED_OFF', 'BOUNCED'];
    for (const start of ['QUEUED', 'HANDED_OFF', 'DELIVERED'] as const) {
      for (const order of permutations(news)) {
        await setStatus(start);
        await recorder.record(
          pool,
          order.map((one) => change('DEFERRED', { status: one })),
        );
        expect([start, ...order, await status()]).toEqual([start, ...order, order.reduce(next, start)]);
      }
    }
  });

  it('judges on the row as another transaction left it', async () => {
    await setStatus('HANDED_OFF');
    const other = await pool.connect();
    await other.query('begin');
    await recorder.record(other, [change('BOUNCED', { status: 'BOUNCED', reason: 'BAD_MAILBOX' })]);
    const waiting = recorder.record(pool, [change('DELIVERED', { status: 'DELIVERED' })]);
    await other.query('commit');
    other.release();
    await waiting;
    expect(await recipient()).toMatchObject({ status: 20, reason: 'BAD_MAILBOX' });
  });

  it('does not deadlock when batches meet in opposite order', async () => {
    const keys = [0, 1, 2];
    const run = async (order: number[]): Promise<void> => {
      for (let i = 0; i < 30; i++) {
        await recorder.record(
          pool,
          order.map((n) => change('DEFERRED', { n, status: 'DEFERRED' })),
        );
      }
    };
    await Promise.all(permutations(keys).map(run));
  });

  it('wakes the readers only when told to', async () => {
    publish.mockClear();
    await recorder.record(pool, [change('DEFERRED', { status: 'DEFERRED' })]);
    await recorder.record(pool, []);
    expect(publish).not.toHaveBeenCalled();
    recorder.announce();
    expect(publish).toHaveBeenCalledWith('events');
  });
});
