import { randomBytes, randomUUID } from 'node:crypto';
import type pg from 'pg';
import { type Lane, laneCode } from '../../../src/domain/lane.js';
import { type RecipientStatus, statusCode } from '../../../src/domain/recipient-status.js';

/** A message in the ledger that events can be about. */
export interface Ledger {
  readonly tenantId: string;
  readonly messageId: string;
  readonly recipients: number;
}

interface MessageOptions {
  readonly recipients?: number;
  readonly lane?: Lane;
  readonly tags?: readonly string[];
  readonly status?: RecipientStatus;
}

type Database = Pick<pg.Pool, 'query'>;

/** A UUIDv7 of now. */
function newId(): string {
  const hex = Date.now().toString(16).padStart(12, '0') + randomBytes(10).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

export async function newTenant(database: Database): Promise<string> {
  const id = newId();
  await database.query('insert into tenant(id, name) values ($1, $2)', [id, randomUUID()]);
  return id;
}

/** Writes a message with its recipients as acceptance would, without any event. */
export async function addMessage(database: Database, tenantId: string, options: MessageOptions = {}): Promise<Ledger> {
  const messageId = newId();
  const recipients = options.recipients ?? 1;
  await database.query(
    `insert into message(tenant_id, id, lane, sandbox, in_doubt_policy, from_address, subject, message_id_header,
                         tags, recipient_count, size_bytes)
     values ($1, $2, $3, true, 0, 'ada@example.com', 's', 'x@example.com', $4, $5, 10)`,
    [tenantId, messageId, laneCode(options.lane ?? 'TRANSACTIONAL'), options.tags ?? [], recipients],
  );
  await database.query(
    `insert into recipient(tenant_id, message_id, n, kind, address, domain, status)
     select $1, $2, n, 0, 'r' || n || '@example.net', 'example.net', $4 from generate_series(0, $3 - 1) n`,
    [tenantId, messageId, recipients, statusCode(options.status ?? 'QUEUED')],
  );
  return { tenantId, messageId, recipients };
}
