/**
 * Gives a job to every recipient that waits for us and has none. There must be no such recipient:
 * each row that comes back is a fault to be reported. Ten minutes of grace keep transactions that are
 * under way out of it. Reads the ledger once (no index serves this, on purpose: one on the status
 * would be written with every message), so it runs hourly on one replica.
 * $1 most rows.
 */
export const REQUEUE_STUCK = `
insert into send_job (tenant_id, message_id, n, lane, run_at, attempt, expires_at, domain)
select r.tenant_id, r.message_id, r.n, m.lane, greatest(now(), m.send_at), r.attempts, m.expires_at, r.domain
  from recipient r
  join message m on m.tenant_id = r.tenant_id and m.id = r.message_id
 where r.status in (0, 1, 2, 3)
   and r.updated_at < now() - interval '10 minutes'
   and not exists (select 1 from send_job j
                    where j.tenant_id = r.tenant_id and j.message_id = r.message_id and j.n = r.n)
 limit $1
on conflict do nothing
returning message_id, n`;
