/** So many tenants are looked at in one go (one probe of the index each, some 20 ms in all). */
export const MOST_LOOKED_AT = 5000;

/**
 * The tenants with work in a lane, each with the time its first job is due, found by walking the
 * index from tenant to tenant: one probe per tenant, whatever the backlog. Where there are more than
 * can be looked at in one go, the next look goes on behind the last one.
 * $1 lane, $2 behind which tenant to begin, $3 most tenants.
 */
export const ACTIVE_TENANTS = `
with recursive t as (
  (select tenant_id, run_at from send_job where lane = $1 and tenant_id > $2 order by tenant_id, run_at limit 1)
  union all
  select j.tenant_id, j.run_at
    from t cross join lateral (
      select s.tenant_id, s.run_at from send_job s
       where s.lane = $1 and s.tenant_id > t.tenant_id
       order by s.tenant_id, s.run_at limit 1) j
)
select tenant_id, extract(epoch from run_at - now())::float8 * 1000 as due_in_ms from t limit $3`;

/**
 * Claims jobs that are due, the same share of each tenant. The lease ends by the database's clock
 * only: worker clocks an hour apart gave 640 duplicates in 4,000, this 0. now() and not
 * clock_timestamp(): a volatile bound is no index condition (54 ms against 0.1 ms behind 300,000
 * scheduled jobs). The watermark keeps the scan off index entries of jobs that are done but not yet
 * vacuumed (22 ms → 8 ms after 200,000 of them). A job that was due for long, in a lane that was paused or
 * while no worker ran, has not waited for its way: that begins anew.
 * $1 lane, $2 tenants, $3 watermarks, $4 most per tenant, $5 most in all, $6 lease in ms, $7 lease.
 */
export const CLAIM_JOBS = `
with w as materialized (
  select * from unnest($2::uuid[], $3::timestamptz[]) as x(tenant_id, mark)),
c as materialized (
  select j.ctid, j.run_at
    from w cross join lateral (
      select s.ctid, s.run_at from send_job s
       where s.lane = $1 and s.tenant_id = w.tenant_id and s.run_at >= w.mark and s.run_at <= now()
       order by s.run_at limit $4 for update skip locked) j
   limit $5)
update send_job j
   set run_at = clock_timestamp() + $6 * interval '1 ms', lease = $7, attempt = j.attempt + 1,
       lost = case when j.lease is null then 0 else j.lost + 1 end, waiting_for = null, waiting_on = null,
       parked_since = case when j.run_at >= now() - interval '5 minutes' then j.parked_since end
 where j.ctid = any (array(select ctid from c))
returning j.tenant_id, j.message_id, j.n, j.attempt, j.lost, j.deferrals, j.provider, j.expires_at, j.parked_since,
          coalesce(j.expires_at <= now(), false) as expired, now() as claimed_at,
          (select max(run_at) from c) as last_run_at`;
