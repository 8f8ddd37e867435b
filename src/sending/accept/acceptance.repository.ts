import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { Pools } from '../../database/pools.js';
import { acceptColumns } from './accept-columns.js';
import { ACCEPT_MESSAGES, CONFIRM_MESSAGES } from './accept-messages.sql.js';
import { NotReplicated, leavesConnection } from './acceptance-fault.js';
import type { NewMessage } from './new-message.js';

/** What the statement answers: when, what was visible before, and who holds each key. */
export interface Stored {
  readonly snapshot: string;
  readonly acceptedAt: Date;
  readonly keys: ReadonlyMap<string, KeyHolder>;
}

interface KeyHolder {
  readonly messageId: string;
  readonly fingerprint: Buffer;
  readonly inserted: boolean;
}

interface StoredRow {
  readonly snapshot: string;
  readonly accepted_at: Date;
  readonly tenant_id: string | null;
  readonly key: string;
  readonly fingerprint: Buffer;
  readonly message_id: string;
  readonly inserted: boolean;
}

// The replay of a message starts before the transaction that wrote its first event.
const FIRST_TRANSACTIONS = `
select message_id, min(tx)::text as tx from delivery_event
 where tenant_id = $1 and message_id = any($2::uuid[]) group by message_id`;

/** A key is unique in its tenant. */
export function keyName(tenantId: string, key: string): string {
  return `${tenantId}.${key}`;
}

/** Writes accepted messages. */
@Injectable()
export class AcceptanceRepository {
  constructor(private readonly pools: Pools) {}

  /** Committed when it resolves. */
  store(messages: readonly NewMessage[]): Promise<Stored> {
    return this.withConnection((client) => store(client, messages));
  }

  /**
   * In a transaction that is committed only if `keep` says so. It can look at parts on its own: a
   * try that fails leaves the transaction usable.
   */
  storeIf(messages: readonly NewMessage[], keep: (stored: Stored) => boolean): Promise<Stored> {
    return this.withConnection((client) =>
      inTransaction(client, async () => {
        const stored = await store(client, messages);
        return { value: stored, keep: keep(stored) };
      }),
    );
  }

  /** The error each message alone would fail with, or undefined. Nothing is written. */
  probe(messages: readonly NewMessage[]): Promise<unknown[]> {
    return this.withConnection((client) =>
      inTransaction(client, async () => {
        const errors: unknown[] = [];
        for (const message of messages) errors.push(await probeOne(client, message));
        return { value: errors, keep: false };
      }),
    );
  }

  /** Which of our messages an earlier try has stored. */
  async confirm(messages: readonly NewMessage[]): Promise<Set<string>> {
    const values = [messages.map((message) => message.tenantId), messages.map((message) => message.id)];
    const { rows } = await this.withConnection((client) => client.query<{ id: string }>(CONFIRM_MESSAGES, values));
    return new Set(rows.map((row) => row.id));
  }

  /** The transaction that accepted each message, as far as its events are kept. */
  async firstTransactions(tenantId: string, messageIds: readonly string[]): Promise<Map<string, string>> {
    const { rows } = await this.pools.main.query<{ message_id: string; tx: string }>(FIRST_TRANSACTIONS, [
      tenantId,
      messageIds,
    ]);
    return new Map(rows.map((row) => [row.message_id, row.tx]));
  }

  /** A cancelled wait for a synchronous standby is reported as success with a mere warning. */
  private async withConnection<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await this.pools.main.connect();
    let replicated = true;
    const onNotice = (notice: { message: string | undefined }): void => {
      if (notice.message?.includes('synchronous replication') === true) replicated = false;
    };
    client.on('notice', onNotice);
    let broken = true;
    try {
      const value = await work(client);
      broken = false;
      if (!replicated) throw new NotReplicated();
      return value;
    } catch (error) {
      broken &&= !leavesConnection(error);
      throw error;
    } finally {
      client.off('notice', onNotice);
      client.release(broken);
    }
  }
}

async function store(client: pg.PoolClient, messages: readonly NewMessage[]): Promise<Stored> {
  const { rows } = await client.query<StoredRow>({
    name: 'accept_messages',
    text: ACCEPT_MESSAGES,
    values: acceptColumns(messages),
  });
  const first = rows[0];
  if (first === undefined) throw new Error('accepting answered without a row');
  const keys = new Map<string, KeyHolder>();
  for (const { tenant_id, key, message_id, fingerprint, inserted } of rows) {
    if (tenant_id !== null) keys.set(keyName(tenant_id, key), { messageId: message_id, fingerprint, inserted });
  }
  return { snapshot: first.snapshot, acceptedAt: first.accepted_at, keys };
}

async function inTransaction<T>(client: pg.PoolClient, work: () => Promise<{ value: T; keep: boolean }>): Promise<T> {
  await client.query('begin');
  try {
    const { value, keep } = await work();
    await client.query(keep ? 'commit' : 'rollback');
    return value;
  } catch (error) {
    // On a lost connection this fails too; the first error is the one that tells.
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

async function probeOne(client: pg.PoolClient, message: NewMessage): Promise<unknown> {
  await client.query('savepoint one');
  try {
    await store(client, [message]);
    return undefined;
  } catch (error) {
    return error;
  } finally {
    await client.query('rollback to savepoint one');
  }
}
