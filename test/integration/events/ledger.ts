import type pg from 'pg';
import { newUuidV7 } from '../../../src/database/uuid-v7.js';
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

/** Writes a message with its recipients as acceptance would, without any event. */
export async function addMessage(database: Database, tenantId: string, options: MessageOptions = {}): Promise<Ledger> {
  const messageId = newUuidV7();
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
