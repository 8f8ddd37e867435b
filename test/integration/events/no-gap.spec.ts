import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EventType } from '../../../src/domain/delivery-event.js';
import { type TestDatabase, createTestDatabase } from '../../support/postgres.js';
import { addTenant } from '../../support/tenant.js';
import { waitFor } from '../../support/wait-for.js';
import { Collector } from './collect.js';
import { type Ledger, addMessage } from './ledger.js';
import { Replica } from './replica.js';

const WRITERS = 20;
const WRITE_FOR_MS = 5000;

/** Not random: a failure can be repeated. */
function* numbers(seed: number): Generator<number, never> {
  for (let x = seed * 2654435761; ;) {
    x = (Math.imul(x ^ (x >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    yield ((x >>> 0) % 10_000) / 10_000;
  }
}

describe('the event log under concurrent writers', () => {
  let database: TestDatabase;
  let replicas: [Replica, Replica];
  let ledger: Ledger;
  let writing = true;

  beforeAll(async () => {
    database = await createTestDatabase();
    replicas = [await Replica.start(database.url), await Replica.start(database.url, 64)];
    ledger = await addMessage(replicas[0].pools.main, await addTenant(replicas[0].pools.main), { recipients: 3 });
  });
  afterAll(async () => {
    await Promise.all(replicas.map((replica) => replica.stop()));
    await database.drop();
  });

  /** Transactions of 1 to 4 statements; 5 % are rolled back, some take 1 to 3 seconds. */
  async function write(writer: number): Promise<void> {
    const random = numbers(writer + 1);
    const { pools, recorder } = replicas[writer % 2 === 0 ? 0 : 1];
    const next = (): number => random.next().value;
    for (let round = 0; writing; round++) {
      await pools
        .transaction(pools.main, async (tx) => {
          for (let i = 0; i < 1 + next() * 4; i++) {
            const events: EventType[] = next() < 0.5 ? ['DEFERRED'] : ['DEFERRED', 'RELEASED', 'DEFERRED'];
            await recorder.record(
              tx,
              events.map((event, n) => ({ tenantId: ledger.tenantId, messageId: ledger.messageId, n, event })),
            );
          }
          if (round % 40 === writer % 40) await tx.query('select pg_sleep($1)', [1 + next() * 2]);
          else if (next() < 0.2) await tx.query('select pg_sleep($1)', [next() / 50]);
          if (next() < 0.05) throw new Error('rolled back on purpose');
        })
        .catch((error: unknown) => {
          if (!(error instanceof Error) || error.message !== 'rolled back on purpose') throw error;
        });
      recorder.announce();
    }
  }

  /** Reads a few items, leaves, and resumes at the other replica, until all is told. */
  async function readInPieces(start: string, seed: number, total: () => number | undefined): Promise<string[]> {
    const random = numbers(seed);
    const keys: string[] = [];
    let cursor = start;
    for (let visit = 0; keys.length !== total(); visit++) {
      const { streams } = replicas[(visit + seed) % 2 === 0 ? 0 : 1];
      const until = 1 + Math.floor(random.next().value * 400);
      const stream = streams.events(ledger.tenantId, cursor, {});
      let taken = 0;
      for await (const item of stream) {
        if (item.kind === 'event') {
          keys.push(`${item.event.tx}.${item.event.id}`);
          cursor = item.cursor;
          taken += 1;
        } else if (item.kind === 'caughtUp') cursor = item.cursor;
        if (taken >= until || keys.length === total()) break;
      }
    }
    return keys;
  }

  it('loses nothing and repeats nothing, for readers that stay and readers that come back', async () => {
    const followers = replicas.map((replica) => new Collector(replica.streams.events(ledger.tenantId, undefined, {})));
    for (const follower of followers) await follower.caughtUp();
    const [first] = followers;
    const start = first?.cursor ?? '';
    let total: number | undefined;

    const writers = Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)));
    const pieces = [1, 2, 3].map((seed) => readInPieces(start, seed, () => total));
    const began = performance.now();
    await waitFor(() => performance.now() - began > WRITE_FOR_MS);
    writing = false;
    await writers;

    const { rows } = await replicas[0].pools.main.query<{ key: string }>(
      `select tx::text || '.' || id as key from delivery_event where tenant_id = $1 order by tx, id`,
      [ledger.tenantId],
    );
    const committed = rows.map((row) => row.key);
    expect(committed.length).toBeGreaterThan(1000);
    // Readers that wait for an event learn by this one that it was the last.
    total = committed.length + 1;
    await replicas[0].recorder.record(replicas[0].pools.main, [
      { tenantId: ledger.tenantId, messageId: ledger.messageId, n: 0, event: 'CANCELLED' },
    ]);
    replicas[0].recorder.announce();
    committed.push(await lastKey());

    const told = [
      ...followers.map((follower) => () => follower.keys),
      ...(await Promise.all(pieces)).map((keys) => () => keys),
    ];
    for (const follower of followers) await follower.count(committed.length);
    for (const keys of told) {
      expect(keys()).toHaveLength(committed.length);
      expect(keys().toSorted()).toEqual(committed.toSorted());
    }
    for (const follower of followers) {
      expect(follower.error).toBeUndefined();
      await follower.stop();
    }
    // Whoever starts anew after the fact is told the same.
    const replayed = await new Collector(replicas[1].streams.events(ledger.tenantId, start, {})).caughtUp();
    expect(replayed.keys).toEqual(committed);
    await replayed.stop();
  }, 60_000);

  async function lastKey(): Promise<string> {
    const { rows } = await replicas[0].pools.main.query<{ key: string }>(
      `select tx::text || '.' || id as key from delivery_event where tenant_id = $1 order by id desc limit 1`,
      [ledger.tenantId],
    );
    return rows[0]?.key ?? '';
  }
});
