import { EVENT_TYPE_CODES } from '../src/domain/delivery-event.ts';
import { RECIPIENT_STATUS_CODES } from '../src/domain/recipient-status.ts';
import { rowsOf } from './killable-database.ts';

/** What the database knows about one message of the load. Each has one recipient. */
export interface LedgerEntry {
  /** As callers know it. */
  readonly id: string;
  readonly key: string;
  /** Its recipient, as callers know it. */
  readonly recipient: string;
  readonly handed_off: boolean;
  /** Waits for an operator: perhaps sent, and not to be sent twice. */
  readonly in_doubt: boolean;
  /** Attempts recorded as perhaps sent: in doubt, or lost with their worker. */
  readonly labelled: number;
  readonly accepted_events: number;
  /** Told by us or, where we could not know, by the operator. */
  readonly handed_off_events: number;
}

const ENTRIES = `
select 'msg_' || replace(m.id::text, '-', '') as id, m.idempotency_key as key,
       'rcp_' || replace(m.id::text, '-', '') || '_' || r.n as recipient,
       r.status = ${RECIPIENT_STATUS_CODES.HANDED_OFF} as handed_off,
       r.status = ${RECIPIENT_STATUS_CODES.IN_DOUBT} as in_doubt,
       (select count(*)::int from attempt a
         where a.tenant_id = m.tenant_id and a.message_id = m.id and a.outcome in ('LOST', 'IN_DOUBT')) as labelled,
       (select count(*)::int from delivery_event e
         where e.tenant_id = m.tenant_id and e.message_id = m.id
           and e.type = ${EVENT_TYPE_CODES.ACCEPTED}) as accepted_events,
       (select count(*)::int from delivery_event e
         where e.tenant_id = m.tenant_id and e.message_id = m.id
           and (e.type = ${EVENT_TYPE_CODES.HANDED_OFF}
             or e.type = ${EVENT_TYPE_CODES.RESOLVED} and e.data->>'status' = 'HANDED_OFF')) as handed_off_events
  from message m left join recipient r on r.tenant_id = m.tenant_id and r.message_id = m.id`;

/** Everything that was ever accepted. */
export function readLedger(url: string): Promise<LedgerEntry[]> {
  return rowsOf<LedgerEntry>(url, ENTRIES);
}

/** Jobs nobody has finished yet. */
export async function pendingJobs(url: string): Promise<number> {
  const [row] = await rowsOf<{ n: number }>(url, 'select count(*)::int as n from send_job');
  return row?.n ?? 0;
}

/** Jobs of messages that were accepted before the given time (milliseconds since the epoch). */
export async function pendingSince(url: string, time: number): Promise<number> {
  // A UUIDv7 begins with its time.
  const first = `${time.toString(16).padStart(12, '0').padEnd(32, '0')}`;
  const [row] = await rowsOf<{ n: number }>(
    url,
    `select count(*)::int as n from send_job where message_id < '${first}'`,
  );
  return row?.n ?? 0;
}
