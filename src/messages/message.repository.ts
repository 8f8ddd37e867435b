import { Injectable } from '@nestjs/common';
import { Pools } from '../database/pools.js';
import { MESSAGE_COLUMNS, type MessageRow } from './message.entity.js';
import { type MessageListFilter, type MessageListPage, messageList } from './message-list.sql.js';
import { type AttemptRow, RECIPIENT_COLUMNS, type RecipientRow } from './recipient.entity.js';

const BY_IDS = `select ${MESSAGE_COLUMNS} from message m where m.tenant_id = $1 and m.id = any($2::uuid[])`;

const BY_KEY = `
select ${MESSAGE_COLUMNS}
  from idempotency_key k join message m on m.tenant_id = k.tenant_id and m.id = k.message_id
 where k.tenant_id = $1 and k.key = $2`;

const RECIPIENTS = `
select ${RECIPIENT_COLUMNS}
  from recipient r
  left join send_job j on j.tenant_id = r.tenant_id and j.message_id = r.message_id and j.n = r.n
 where r.tenant_id = $1 and r.message_id = any($2::uuid[])
 order by r.message_id, r.n`;

const ATTEMPTS = `
select message_id as "messageId", n, attempt, outcome, provider, stage, smtp_code as "smtpCode",
       enhanced_code as "enhancedCode", reply, provider_message_id as "providerMessageId", started_at as "startedAt", finished_at as "finishedAt"
  from attempt
 where tenant_id = $1 and message_id = any($2::uuid[])
 order by message_id, n, attempt`;

/** Reads the ledger; every query names the tenant. */
@Injectable()
export class MessageRepository {
  constructor(private readonly pools: Pools) {}

  async byIds(tenantId: string, ids: readonly string[]): Promise<MessageRow[]> {
    const { rows } = await this.pools.main.query<MessageRow>(BY_IDS, [tenantId, ids]);
    return rows;
  }

  async byIdempotencyKey(tenantId: string, key: string): Promise<MessageRow | undefined> {
    const { rows } = await this.pools.main.query<MessageRow>(BY_KEY, [tenantId, key]);
    return rows[0];
  }

  async list(tenantId: string, filter: MessageListFilter, page: MessageListPage): Promise<MessageRow[]> {
    const { text, values } = messageList(tenantId, filter, page);
    const { rows } = await this.pools.main.query<MessageRow>(text, values);
    return rows;
  }

  /** Of several messages, in order. */
  async recipients(tenantId: string, messageIds: readonly string[]): Promise<RecipientRow[]> {
    const { rows } = await this.pools.main.query<RecipientRow>(RECIPIENTS, [tenantId, messageIds]);
    return rows;
  }

  /** Of several messages, all recipients, in order. */
  async attempts(tenantId: string, messageIds: readonly string[]): Promise<AttemptRow[]> {
    const { rows } = await this.pools.main.query<AttemptRow>(ATTEMPTS, [tenantId, messageIds]);
    return rows;
  }
}
