import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { decodeCursor } from '../../../src/domain/event-cursor.js';
import type { EventType } from '../../../src/domain/delivery-event.js';
import { type TestDatabase, createTestDatabase } from '../../support/postgres.js';
import { addTenant } from '../../support/tenant.js';
import { Collector } from './collect.js';
import { type Ledger, addMessage } from './ledger.js';
import { Replica } from './replica.js';

describe('a stream of the events of one message', () => {
  let database: TestDatabase;
  let replica: Replica;
  let tenantId: string;
  let collectors: Collector[] = [];

  const record = async (ledger: Ledger, event: EventType): Promise<void> => {
    await replica.recorder.record(replica.pools.main, [{ ...ledger, n: 0, event }]);
    replica.recorder.announce();
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

  const settle = async (
    ledger: Ledger,
    n: number,
    event: EventType,
    status: 'HANDED_OFF' | 'HELD' | 'IN_DOUBT' | 'BOUNCED',
  ): Promise<void> => {
    await replica.recorder.record(replica.pools.main, [{ ...ledger, n, event, status }]);
    replica.recorder.announce();
  };
  const watch = async (ledger: Ledger, after?: string): Promise<Collector> => {
    const collector = new Collector(await replica.streams.message(tenantId, ledger.messageId, after));
    collectors.push(collector);
    return collector;
  };

  it('begins with its first event and completes when every recipient is settled', async () => {
    const ledger = await message(3);
    const other = await message();
    await record(ledger, 'ACCEPTED');
    const reader = await (await watch(ledger)).caughtUp();
    expect(reader.items.map((item) => item.kind)).toEqual(['event', 'caughtUp']);
    await settle(other, 0, 'HANDED_OFF', 'HANDED_OFF');
    await settle(ledger, 0, 'HANDED_OFF', 'HANDED_OFF');
    await settle(ledger, 1, 'IN_DOUBT', 'IN_DOUBT');
    await settle(ledger, 2, 'BOUNCED', 'BOUNCED');
    await reader.count(4);
    expect(reader.done).toBe(false);
    await settle(ledger, 1, 'RESOLVED', 'HELD');
    await settle(ledger, 1, 'HANDED_OFF', 'HANDED_OFF');
    await reader.ended();
    expect(reader.error).toBeUndefined();
    expect(reader.events.map(({ event }) => `${event.n} ${event.type}`)).toEqual([
      '0 ACCEPTED',
      '0 HANDED_OFF',
      '1 IN_DOUBT',
      '2 BOUNCED',
      '1 RESOLVED',
      '1 HANDED_OFF',
    ]);
  });

  it('completes at once when all was settled before, and resumes inside', async () => {
    const ledger = await message();
    await record(ledger, 'ACCEPTED');
    await settle(ledger, 0, 'HANDED_OFF', 'HANDED_OFF');
    const reader = await (await watch(ledger)).ended();
    expect(reader.items.map((item) => (item.kind === 'event' ? item.event.type : item.kind))).toEqual([
      'ACCEPTED',
      'HANDED_OFF',
      'caughtUp',
    ]);
    const resumed = await (await watch(ledger, reader.events[0]?.cursor)).ended();
    expect(resumed.keys).toEqual(reader.keys.slice(1));
    expect(decodeCursor(reader.cursor ?? '')?.target).toBeUndefined();
  });

  it('misses nothing when the last events come close together', async () => {
    for (let round = 0; round < 20; round++) {
      const ledger = await message(4);
      const reader = await watch(ledger);
      await Promise.all([0, 1, 2, 3].map((n) => settle(ledger, n, 'HANDED_OFF', 'HANDED_OFF')));
      await reader.ended();
      expect([round, reader.events.length, new Set(reader.keys).size]).toEqual([round, 4, 4]);
    }
  });
});
