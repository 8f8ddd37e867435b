import { Injectable } from '@nestjs/common';
import type { Transaction } from '../database/transaction.js';
import type { RecipientKey } from '../domain/recipient-key.js';
import { type RecipientStatus, statusOf } from '../domain/recipient-status.js';

/** Waits for another transaction that has just written the same name. $1 provider, $2 name. */
const REMEMBER = 'insert into provider_news(provider, id) values ($1, $2) on conflict do nothing';

const LOCK_RECIPIENT = `
select status from recipient where tenant_id = $1 and message_id = $2 and n = $3 for no key update`;

/** $1 days, $2 most rows. */
const DROP_OLD = `
delete from provider_news
 where ctid = any (array(select ctid from provider_news where seen_at < now() - $1 * interval '1 day' limit $2))`;

/** Which news have been taken already, and how their recipients stand. */
@Injectable()
export class NewsRepository {
  /**
   * False when one of the names was known. Those behind it are not remembered: whoever repeats a token of
   * Mailgun could else use up the names of news that are yet to come.
   */
  async remember(tx: Transaction, provider: string, ids: readonly string[]): Promise<boolean> {
    for (const id of ids) {
      const { rowCount } = await tx.query(REMEMBER, [provider, id]);
      if (rowCount === 0) return false;
    }
    return true;
  }

  /** Undefined when there is no such recipient, or it is no longer kept. */
  async lockRecipient(tx: Transaction, key: RecipientKey): Promise<RecipientStatus | undefined> {
    const values = [key.tenantId, key.messageId, key.n];
    const { rows } = await tx.query<{ status: number }>(LOCK_RECIPIENT, values);
    return rows[0] === undefined ? undefined : statusOf(rows[0].status);
  }

  async dropOld(tx: Transaction, days: number, most: number): Promise<number> {
    const { rowCount } = await tx.query(DROP_OLD, [days, most]);
    return rowCount ?? 0;
  }
}
