import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { decodeCursor, encodeCursor } from '../../../src/domain/event-cursor.js';
import { EVENT_TYPES, type EventType } from '../../../src/domain/delivery-event.js';
import { type EventFilter, passes } from '../../../src/events/event-filter.js';
import type { EventStreams } from '../../../src/events/event-stream.js';
import type { StreamItem } from '../../../src/events/stream-item.js';
import { type TestDatabase, createTestDatabase } from '../../support/postgres.js';
import { addTenant } from '../../support/tenant.js';
import { waitFor } from '../../support/wait-for.js';
import { Collector } from './collect.js';
import { type Ledger, addMessage } from './ledger.js';
import { Replica } from './replica.js';

describe('a stream of events', () => {
  let database: TestDatabase;
  let replica: Replica;
  let tenantId: string;
  let collectors: Collector[] = [];

  const collect = (stream: AsyncIterableIterator<StreamItem>): Collector => {
    const collector = new Collector(stream);
    collectors.push(collector);
    return collector;
  };
  const follow = (after?: string, filter: EventFilter = {}, streams: EventStreams = replica.streams): Collector =>
    collect(streams.events(tenantId, after, filter));
  const record = async (ledger: Ledger, types: readonly EventType[], n = 0, from: Replica = replica): Promise<void> => {
    await from.pools.transaction(from.pools.main, (tx) =>
      from.recorder.record(
        tx,
        types.map((event) => ({ tenantId: ledger.tenantId, messageId: ledger.messageId, n, event })),
      ),
    );
    from.recorder.announce();
  };
  const message = (recipients = 1): Promise<Ledger> => addMessage(replica.pools.main, tenantId, { recipients });

  beforeAll(async () => {
    database = await createTestDatabase();
    replica = await Replica.start(database.url);
  });
  afterAll(async () => {
    await replica.stop();
    await database.drop();
  });
  beforeEach(async () => {
    tenantId = await addTenant(replica.pools.main);
  });
  afterEach(async () => {
    await Promise.all(collectors.map((collector) => collector.stop()));
    collectors = [];
    expect(replica.hub.subscribers).toBe(0);
  });

  it('tells without a cursor only what happens from now on', async () => {
    const ledger = await message();
    await record(ledger, ['ACCEPTED']);
    const reader = await follow().caughtUp();
    expect(reader.items).toHaveLength(1);
    await record(ledger, ['HANDED_OFF', 'DELIVERED']);
    await reader.count(2);
    expect(reader.items.map((item) => (item.kind === 'event' ? item.event.type : item.kind))).toEqual([
      'caughtUp',
      'HANDED_OFF',
      'DELIVERED',
    ]);
    expect(reader.events[0]?.event).toMatchObject({
      tenantId,
      messageId: ledger.messageId,
      address: 'r0@example.net',
      lane: 'TRANSACTIONAL',
      tags: [],
    });
  });

  it('resumes at every place of the log exactly once, stored or live', async () => {
    const ledger = await message();
    const all = await follow().caughtUp();
    const start = all.cursor ?? '';
    for (let i = 0; i < 6; i++) await record(ledger, ['DEFERRED', 'RELEASED']);
    await all.count(12);
    const readers = [start, ...all.events.map((item) => item.cursor)].map((cursor) => follow(cursor));
    for (let i = 0; i < 3; i++) await record(ledger, ['DEFERRED', 'RELEASED']);
    await all.count(18);
    for (const [i, reader] of readers.entries()) {
      await reader.count(18 - i);
      expect(reader.keys).toEqual(all.keys.slice(i));
      expect(reader.items.filter((item) => item.kind === 'caughtUp')).toHaveLength(1);
      // The cursors told while replaying lead to the same places.
      const [first] = reader.events;
      const again = follow(first?.cursor);
      await again.count(17 - i);
      expect(again.keys).toEqual(all.keys.slice(i + 1));
    }
  });

  it('shows a transaction that began before the cursor and was committed after it', async () => {
    const ledger = await message();
    const slow = await replica.pools.main.connect();
    await slow.query('begin');
    await replica.recorder.record(slow, [{ ...ledger, n: 0, event: 'ACCEPTED' }]);
    await record(ledger, ['RELEASED']);
    const { snapshot, atMs } = await replica.log.now();
    const cursor = encodeCursor({ base: snapshot, target: undefined, tx: '0', id: '0', atMs });
    const reader = await follow(cursor).caughtUp();
    expect(reader.events).toEqual([]);
    await slow.query('commit');
    slow.release();
    await reader.count(1);
    expect(reader.events.map((item) => item.event.type)).toEqual(['ACCEPTED']);
    const late = await follow(cursor).caughtUp();
    expect(late.keys).toEqual(reader.keys);
  });

  it('does not count transactions as read whose numbers a crash would give out again', async () => {
    const ledger = await message();
    await record(ledger, ['ACCEPTED']);
    const { rows } = await replica.pools.main.query<{ tx: string }>(
      'select max(tx::text::bigint)::text as tx from delivery_event',
    );
    const undone = replica.pools.transaction(replica.pools.main, async (tx) => {
      await replica.recorder.record(tx, [{ ...ledger, n: 0, event: 'RELEASED' }]);
      throw new Error('rolled back on purpose');
    });
    await expect(undone).rejects.toThrow('rolled back on purpose');
    const xmax = Number((await replica.log.now()).snapshot.split(':')[1]);
    expect(xmax).toBe(Number(rows[0]?.tx) + 1);
    const reader = await follow().caughtUp();
    expect(decodeCursor(reader.cursor ?? '')?.base.split(':')[1]).toBe(String(xmax));
  });

  it('never shows another tenant’s events', async () => {
    const ledger = await message();
    const other = await addMessage(replica.pools.main, await addTenant(replica.pools.main));
    const start = (await follow().caughtUp()).cursor;
    const byMessage = await follow(undefined, { messageIds: [other.messageId] }).caughtUp();
    await record(other, ['ACCEPTED']);
    await record(ledger, ['ACCEPTED']);
    const reader = follow(start);
    await reader.count(1);
    expect(reader.events.map((item) => item.event.tenantId)).toEqual([tenantId]);
    expect(byMessage.events).toEqual([]);
    await expect(replica.streams.message(tenantId, other.messageId, undefined)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  it('refuses a cursor that is none', () => {
    for (const text of ['', 'x', 'MXwxOjE6fHwwfDB8MA==', Buffer.from('9|1:1:||0|0|0').toString('base64url')]) {
      expect(() => replica.streams.events(tenantId, text, {})).toThrow('after is not a cursor of the event log.');
    }
  });

  it('filters stored and live events alike', async () => {
    const ledgers = [
      await addMessage(replica.pools.main, tenantId, { recipients: 2, lane: 'OTP', tags: ['a', 'b'] }),
      await addMessage(replica.pools.main, tenantId, { recipients: 2, lane: 'BULK', tags: ['b'] }),
    ] as const;
    const since = new Date((await replica.log.now()).atMs - 60_000);
    const filters: EventFilter[] = [
      {},
      { types: ['ACCEPTED', 'FAILED'] },
      { statuses: ['DEFERRED'] },
      { messageIds: [ledgers[0].messageId] },
      { messageIds: ledgers.map((ledger) => ledger.messageId), types: ['BOUNCED'] },
      { recipients: ['r1@example.net'] },
      { lanes: ['BULK'] },
      { tags: ['a', 'c'] },
      { tags: ['b'], lanes: ['OTP'], recipients: ['r0@example.net'] },
      { since, until: since },
      { since },
      { until: since },
      { types: [] },
    ];
    const all = await follow().caughtUp();
    const live = await Promise.all(filters.map((filter) => follow(undefined, filter).caughtUp()));
    for (const [i, type] of EVENT_TYPES.entries()) {
      await replica.recorder.record(replica.pools.main, [
        { ...ledgers[i % 2 === 0 ? 0 : 1], n: (i >> 1) % 2, event: type, status: i % 3 === 0 ? 'DEFERRED' : undefined },
      ]);
    }
    replica.recorder.announce();
    await all.count(EVENT_TYPES.length);
    const start = all.items[0]?.kind === 'caughtUp' ? all.items[0].cursor : '';
    for (const [i, filter] of filters.entries()) {
      const expected = all.events.filter(({ event }) => passes(filter, event)).map(({ event }) => event.id);
      const stored = await follow(start, filter).caughtUp();
      expect([filter, stored.events.map(({ event }) => event.id)]).toEqual([filter, expected]);
      expect([filter, live[i]?.events.map(({ event }) => event.id)]).toEqual([filter, expected]);
    }
  });

  it('says so when the log is no longer kept back to the cursor, once', async () => {
    const ledger = await message();
    const start = (await follow().caughtUp()).cursor ?? '';
    await record(ledger, ['ACCEPTED', 'HANDED_OFF']);
    const keptSince = new Date(Date.now() + 60_000);
    const { rowCount } = await replica.pools.main.query('update installation set events_kept_since = $1', [keptSince]);
    expect(rowCount).toBe(1);
    try {
      const reader = await follow(start).caughtUp();
      expect(reader.items.map((item) => item.kind)).toEqual(['gap', 'event', 'event', 'caughtUp']);
      const [gap] = reader.items;
      if (gap?.kind !== 'gap') throw new Error('no gap was told');
      expect(gap.keptSince).toEqual(keptSince);
      const again = await follow(gap.resumeAfter).caughtUp();
      expect(again.items.map((item) => item.kind)).toEqual(['event', 'event', 'caughtUp']);
    } finally {
      await replica.pools.main.query(`update installation set events_kept_since = '-infinity'`);
    }
  });

  it('reads a burst larger than the buffer from the log', async () => {
    const small = await Replica.start(database.url, 16);
    try {
      const ledger = await message();
      const all = await follow().caughtUp();
      const reader = await follow(undefined, {}, small.streams).caughtUp();
      await record(
        ledger,
        Array.from({ length: 300 }, () => 'DEFERRED' as const),
      );
      await record(ledger, ['HANDED_OFF']);
      await all.count(301);
      await reader.count(301);
      expect(reader.keys).toEqual(all.keys);
    } finally {
      await Promise.all(collectors.map((collector) => collector.stop()));
      await small.stop();
    }
  });

  it('cuts off who has stopped reading, with a cursor that resumes without a gap', async () => {
    const small = await Replica.start(database.url, 16);
    try {
      const ledger = await message();
      const all = await follow().caughtUp();
      const slow = small.streams.events(tenantId, undefined, {});
      expect((await slow.next()).value).toMatchObject({ kind: 'caughtUp' });
      const first = slow.next();
      await record(ledger, ['ACCEPTED']);
      const told = (await first) as IteratorYieldResult<StreamItem>;
      // Now it stalls, for longer than is put up with.
      const began = performance.now();
      await waitFor(() => performance.now() - began > 1100);
      await record(
        ledger,
        Array.from({ length: 17 }, () => 'DEFERRED' as const),
      );
      await waitFor(() => small.hub.subscribers === 0);
      const refusal: unknown = await slow.next().then(undefined, (error: unknown) => error);
      expect(refusal).toMatchObject({
        code: 'SLOW_CONSUMER',
        extensions: { cursor: told.value.kind === 'event' ? told.value.cursor : '' },
      });
      expect(await slow.next()).toEqual({ done: true, value: undefined });
      const { cursor } = (refusal as { extensions: { cursor: string } }).extensions;
      const resumed = await follow(cursor).caughtUp();
      await all.count(18);
      expect(resumed.keys).toEqual(all.keys.slice(1));
    } finally {
      await small.stop();
    }
  });

  it('ends with a cursor to resume from when the process stops', async () => {
    const ledger = await message();
    const all = await follow().caughtUp();
    const stopping = await Replica.start(database.url);
    const reader = await follow(undefined, {}, stopping.streams).caughtUp();
    await record(ledger, ['ACCEPTED']);
    await reader.count(1);
    await stopping.stop();
    await reader.ended();
    expect(reader.refusal).toMatchObject({ code: 'SHUTTING_DOWN', extensions: { cursor: reader.cursor } });
    await record(ledger, ['HANDED_OFF']);
    const resumed = await follow(reader.cursor).count(1);
    await all.count(2);
    expect(resumed.keys).toEqual(all.keys.slice(1));
    const refused = await follow(undefined, {}, stopping.streams).ended();
    expect(refused.refusal).toMatchObject({ code: 'SHUTTING_DOWN' });
  });

  it('leaves at once when the reader does, also while it waits', async () => {
    const reader = await follow().caughtUp();
    expect(replica.hub.subscribers).toBe(1);
    await reader.stop();
    expect(reader.error).toBeUndefined();
    expect(replica.hub.subscribers).toBe(0);
  });

  it('tells of events recorded through another replica, with cursors that hold on both', async () => {
    const other = await Replica.start(database.url);
    try {
      const ledger = await message();
      const here = await follow().caughtUp();
      const there = await follow(undefined, {}, other.streams).caughtUp();
      for (let i = 0; i < 20; i++) await record(ledger, ['DEFERRED'], 0, i % 2 === 0 ? replica : other);
      await here.count(20);
      await there.count(20);
      expect(there.keys).toEqual(here.keys);
      const swapped = await follow(here.events[4]?.cursor, {}, other.streams).count(15);
      expect(swapped.keys).toEqual(here.keys.slice(5));
    } finally {
      await Promise.all(collectors.map((collector) => collector.stop()));
      await other.stop();
    }
  });

  it('goes on without a gap when the database ends all its connections', async () => {
    const ledger = await message();
    const reader = await follow().caughtUp();
    const start = reader.cursor;
    for (let i = 0; i < 5; i++) {
      await record(ledger, ['DEFERRED']);
      await replica.pools.main.query(
        'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
      );
      await waitFor(() => record(ledger, ['RELEASED']).then(() => true));
    }
    await reader.count(10);
    const stored = await follow(start).caughtUp();
    expect(reader.keys).toEqual(stored.keys);
    expect(reader.events).toHaveLength(10);
  });
});
