import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { encodeCursor } from '../../../src/domain/event-cursor.js';
import { eventTypeCode } from '../../../src/domain/delivery-event.js';
import { beginning } from '../../../src/events/replay.js';
import { type TestDatabase, createTestDatabase } from '../../support/postgres.js';
import { addTenant } from '../../support/tenant.js';
import { Collector } from './collect.js';
import { addMessage } from './ledger.js';
import { Replica } from './replica.js';

const STATEMENTS = /<!-- drop events -->\n```sql\n([^]*?)```/.exec(readFileSync('docs/events.md', 'utf8'))?.[1] ?? '';

describe('dropping a month of events, as docs/events.md says', () => {
  let database: TestDatabase;
  let replica: Replica;

  beforeAll(async () => {
    database = await createTestDatabase();
    replica = await Replica.start(database.url);
  });
  afterAll(async () => {
    await replica.stop();
    await database.drop();
  });

  it('is told to whoever comes with an older cursor, and leaves the rest', async () => {
    const { main } = replica.pools;
    const tenantId = await addTenant(main);
    const { messageId } = await addMessage(main, tenantId);
    for (const at of ['2026-02-28T23:59:59Z', '2026-03-01T00:00:00Z']) {
      await main.query('select ensure_partitions($1)', [at]);
      await main.query('insert into delivery_event(tenant_id, message_id, n, type, at) values ($1, $2, 0, $3, $4)', [
        tenantId,
        messageId,
        eventTypeCode('ACCEPTED'),
        at,
      ]);
    }
    const told = async (since: string): Promise<unknown[]> => {
      const cursor = encodeCursor(beginning(Date.parse(since)));
      const reader = new Collector(replica.streams.events(tenantId, cursor, {}));
      await reader.caughtUp();
      await reader.stop();
      return reader.items.map((item) => {
        if (item.kind === 'event') return item.event.at.toISOString();
        return item.kind === 'gap' ? item.keptSince.toISOString() : item.kind;
      });
    };
    const [february, march] = ['2026-02-28T23:59:59.000Z', '2026-03-01T00:00:00.000Z'];
    expect(await told('2026-02-01')).toEqual([february, march, 'caughtUp']);

    await main.query(STATEMENTS);
    expect(await told('2026-02-01')).toEqual([march, march, 'caughtUp']);
    expect(await told('2026-03-01')).toEqual([march, 'caughtUp']);
  });
});
