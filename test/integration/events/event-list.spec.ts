import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DeliveryEventType } from '../../../src/events/delivery-event.type.js';
import { toDeliveryEvent } from '../../../src/events/delivery-event.type.js';
import { toEventFilter } from '../../../src/events/event-filter.input.js';
import { EventList } from '../../../src/events/event-list.js';
import { EventLoaders } from '../../../src/events/event-loaders.js';
import { contextFor } from '../../support/graphql-context.js';
import { type TestDatabase, createTestDatabase } from '../../support/postgres.js';
import { addTenant } from '../../support/tenant.js';
import { Collector } from './collect.js';
import { type Ledger, addMessage } from './ledger.js';
import { Replica } from './replica.js';

describe('the list of events', () => {
  let database: TestDatabase;
  let replica: Replica;
  let ledger: Ledger;
  let list: EventList;

  beforeAll(async () => {
    database = await createTestDatabase();
    replica = await Replica.start(database.url);
    list = new EventList(replica.log);
    ledger = await addMessage(replica.pools.main, await addTenant(replica.pools.main), { recipients: 2 });
    for (let i = 0; i < 7; i++) {
      await replica.recorder.record(replica.pools.main, [
        {
          tenantId: ledger.tenantId,
          messageId: ledger.messageId,
          n: i % 2,
          event: 'DEFERRED',
          status: 'DEFERRED',
          reason: 'GREYLISTED',
        },
      ]);
    }
  });
  afterAll(async () => {
    await replica.stop();
    await database.drop();
  });

  it('pages oldest first without overlap, and a stream goes on where a page ended', async () => {
    const seen: string[] = [];
    let after: string | null = null;
    for (let more = true; more;) {
      const page = await list.page(ledger.tenantId, {}, { first: 3, after });
      seen.push(...page.nodes.map((node: DeliveryEventType) => node.id));
      more = page.pageInfo.hasNextPage;
      after = page.pageInfo.endCursor;
      expect(page.edges.length).toBe(more ? 3 : 1);
    }
    expect(new Set(seen).size).toBe(7);
    const fourth = await list.page(ledger.tenantId, {}, { first: 4, after: null });
    const reader = await new Collector(
      replica.streams.events(ledger.tenantId, fourth.pageInfo.endCursor, {}),
    ).caughtUp();
    expect(reader.events.map(({ event }) => toDeliveryEvent(event).id)).toEqual(seen.slice(4));
    await reader.stop();
    expect(await list.page(ledger.tenantId, {}, { first: 3, after: reader.cursor })).toMatchObject({
      edges: [],
      pageInfo: { hasNextPage: false, hasPreviousPage: true, startCursor: null, endCursor: null },
    });
  });

  it('tells what is known and hides the log’s own numbers', async () => {
    const { nodes } = await list.page(ledger.tenantId, {}, { first: 1, after: null });
    expect(nodes[0]).toMatchObject({
      id: expect.stringMatching(/^evt_[0-9a-f]{32}$/),
      type: 'DEFERRED',
      messageId: `msg_${ledger.messageId.replaceAll('-', '')}`,
      recipientId: `rcp_${ledger.messageId.replaceAll('-', '')}_0`,
      address: 'r0@example.net',
      status: 'DEFERRED',
      reason: 'GREYLISTED',
      nextAttemptAt: null,
    });
  });

  it('refuses sizes, cursors and filters that make no sense', async () => {
    const page = (first: number, after: string | null = null): Promise<unknown> =>
      list.page(ledger.tenantId, {}, { first, after });
    await expect(page(0)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    await expect(page(101)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    await expect(page(1, 'nonsense')).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    expect(() => toEventFilter({ messageIds: ['msg_1'] })).toThrow('filter.messageIds');
    expect(() => toEventFilter({ recipients: ['a@b@c'] })).toThrow('filter.recipients');
    expect(() => toEventFilter({ tags: Array.from({ length: 51 }, () => 't') })).toThrow(
      'filter.tags has more than 50',
    );
    expect(toEventFilter({ recipients: ['Ada@EXAMPLE.net'], types: null })).toMatchObject({
      recipients: ['Ada@example.net'],
    });
  });

  it('gives messages and recipients their history in one statement', async () => {
    const loaders = new EventLoaders(replica.log);
    const principal = { tenantId: ledger.tenantId, keyId: '', mode: 'TEST', scopes: ['READ'] } as const;
    const context = contextFor(principal);
    const unknown = '01900000-0000-7000-8000-000000000000';
    const [own, none] = await Promise.all(
      [ledger.messageId, unknown].map((id) => loaders.firstOfMessage(context).load(id)),
    );
    expect(own?.map((event) => event.n)).toEqual([0, 1, 0, 1, 0, 1, 0]);
    expect(none).toEqual([]);
    expect(await loaders.ofMessage(context).load(ledger.messageId)).toHaveLength(7);
    expect(() => loaders.ofMessage({ ...context, principal: undefined, loaders: new Map() })).toThrow();
  });
});
