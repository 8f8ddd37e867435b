/**
 * A message's recipients, locked: changes of one message by callers come one after the other. A
 * worker that is about to record an outcome waits here too; it never waits for us elsewhere, since
 * jobs with a lease are left alone below. The snapshot is taken before the transaction has an id.
 * $1 tenant, $2 message, $3 sandbox only: a test key has no say about live mail.
 */
export const LOCK_RECIPIENTS = `
select m.lane, m.send_at as "sendAt", m.expires_at as "expiresAt", r.n, r.status,
       pg_current_snapshot()::text as snapshot, now() as at
  from message m join recipient r on r.tenant_id = m.tenant_id and r.message_id = m.id
 where m.tenant_id = $1 and m.id = $2 and (m.sandbox or not $3) and r.tenant_id = $1 and r.message_id = $2
 order by r.n
   for update of r`;

/** Takes jobs nobody works on out of the queue. $1 tenant, $2 message, $3 recipients. */
export const TAKE_JOBS = `
delete from send_job where tenant_id = $1 and message_id = $2 and n = any($3::int[]) and lease is null
returning n`;

/**
 * Moves jobs nobody works on; what they waited for no longer calls them back, and until they are due they
 * wait for no way. Parameters as above, $4 due.
 */
export const MOVE_JOBS = `
update send_job set run_at = $4, waiting_for = null, waiting_on = null, parked_since = null
 where tenant_id = $1 and message_id = $2 and n = any($3::int[]) and lease is null
returning n`;

/** $1 tenant, $2 message, $3 send at. */
export const SET_SEND_AT = 'update message set send_at = $3 where tenant_id = $1 and id = $2';

/**
 * Gives jobs to recipients that have none. Attempts go on being counted where they stopped, as each
 * has a row of its own. $1 tenant, $2 message, $3 recipients, $4 due (null: now).
 */
export const ADD_JOBS = `
insert into send_job(tenant_id, message_id, n, lane, run_at, attempt, expires_at, domain)
select r.tenant_id, r.message_id, r.n, m.lane, coalesce($4::timestamptz, now()),
       greatest(r.attempts, (select max(a.attempt) from attempt a
                              where a.tenant_id = $1 and a.message_id = $2 and a.n = r.n)),
       m.expires_at, r.domain
  from recipient r join message m on m.tenant_id = r.tenant_id and m.id = r.message_id
 where r.tenant_id = $1 and r.message_id = $2 and r.n = any($3::int[])
on conflict do nothing
returning n`;
