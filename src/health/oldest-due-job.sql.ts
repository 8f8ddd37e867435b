/**
 * Milliseconds the oldest due job has been due; null when none is. A leased job is due at the end of
 * its lease. Steps from one lane and tenant to the next along the index of the claim, because
 * min(run_at) over the whole table reads all of it: run on the queue pool, whose planner options
 * keep it on the index.
 */
export const OLDEST_DUE_JOB = `
with recursive place as (
  (select lane, tenant_id, run_at from send_job order by lane, tenant_id, run_at limit 1)
  union all
  select following.lane, following.tenant_id, following.run_at
    from place cross join lateral (
      select lane, tenant_id, run_at from send_job
       where (lane, tenant_id) > (place.lane, place.tenant_id)
       order by lane, tenant_id, run_at limit 1) as following)
select (extract(epoch from now() - min(run_at)) * 1000)::float8 as age_ms
  from (select run_at from place limit 20000) as first_of_each
 where run_at <= now()`;
