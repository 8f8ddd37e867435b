/**
 * That a row is the job and still under the lease, in a form that leaves the planner one way only:
 * the primary key, once for each job given. After a vacuum of the empty queue it takes the table to
 * have one row for good. Plain equalities made it then read the whole index and compare each row with
 * each job given (13 ms to settle 30 jobs while 6,000 were waiting, 527 ms to extend leases, against 0.1 ms);
 * an equality on the tenant would let it walk the claim's index through everything the tenant has waiting.
 */
const IS_JOB = `j.message_id = any (array[i.message_id]) and j.n = i.n
     and j.tenant_id is not distinct from i.tenant_id and j.lease = i.lease`;

/**
 * Ends claimed jobs: those with a delay are put back, the others are deleted. Only rows that still
 * carry the caller's lease are touched, and the keys of exactly those come back: what does not come
 * back was lost to another worker (or is settled already) and must not be recorded.
 * A job never sleeps past its expiry, so that EXPIRED is told in time.
 * $1 tenants, $2 messages, $3 recipients, $4 leases, $5 delays in ms (null: done), and for what is put
 * back: $6 attempts made, $7 deferrals, $8 what it waits for, $9 on whom, $10 the only provider that
 * may be asked, $11 whether its way is shut.
 */
export const SETTLE_JOBS = `
with i as materialized (
  select * from unnest($1::uuid[], $2::uuid[], $3::int[], $4::uuid[], $5::float8[],
                       $6::int[], $7::smallint[], $8::smallint[], $9::text[], $10::text[], $11::bool[])
           as x(tenant_id, message_id, n, lease, delay, attempts, deferrals, waiting_for, waiting_on, provider, shut)),
d as (
  delete from send_job j using i
   where i.delay is null and ${IS_JOB}
  returning j.tenant_id, j.message_id, j.n),
u as (
  update send_job j
     set run_at = least(now() + i.delay * interval '1 ms', j.expires_at), lease = null, lost = 0,
         attempt = i.attempts, deferrals = i.deferrals, waiting_for = i.waiting_for, waiting_on = i.waiting_on,
         provider = i.provider, parked_since = case when i.shut then coalesce(j.parked_since, now()) end
    from i
   where i.delay is not null and ${IS_JOB}
  returning j.tenant_id, j.message_id, j.n)
select * from d union all select * from u`;

/** Extends leases that are still ours. $1 tenants, $2 messages, $3 recipients, $4 leases, $5 lease in ms. */
export const EXTEND_LEASES = `
update send_job j set run_at = clock_timestamp() + $5 * interval '1 ms'
  from unnest($1::uuid[], $2::uuid[], $3::int[], $4::uuid[]) as i(tenant_id, message_id, n, lease)
 where ${IS_JOB}
returning j.tenant_id, j.message_id, j.n`;

/**
 * What giving a job back means: the claim does not count. Earlier claims that were lost do: with the
 * lease gone the next worker would take the job for a fresh one and send in silence what may have been
 * sent, so such a job keeps a lease, one that is nobody's and over.
 */
const GIVEN_BACK = `attempt = j.attempt - 1, lost = greatest(j.lost - 1, 0),
       lease = case when j.lost > 0 then gen_random_uuid() end`;

/** Gives back jobs that were claimed but not started. Parameters as above; $5 milliseconds until they are due. */
export const RELEASE_JOBS = `
update send_job j set ${GIVEN_BACK}, run_at = now() + $5 * interval '1 ms'
  from unnest($1::uuid[], $2::uuid[], $3::int[], $4::uuid[]) as i(tenant_id, message_id, n, lease)
 where ${IS_JOB}`;

/**
 * Gives back whatever a claim took whose answer never came. Its leases end within a known time, which
 * keeps the search on a short stretch of the claim's index.
 * $1 lane, $2 tenants, $3 lease, $4 milliseconds until the first of these leases can end.
 */
export const RELEASE_CLAIM = `
update send_job j set ${GIVEN_BACK}, run_at = now()
 where j.lane = $1 and j.tenant_id = any($2::uuid[]) and j.run_at > now() + $4 * interval '1 ms' and j.lease = $3`;

/**
 * Calls back what waits for a way that is free again, as many as may go now; whoever comes first takes
 * them. $1 lane, $2 on whom they wait, $3 at most so many.
 */
export const RECALL_JOBS = `
with c as materialized (
  select ctid from send_job
   where waiting_for in (2, 3, 4, 5) and waiting_on = $2 and lane = $1 and run_at > now() and lease is null
   order by run_at limit $3 for update skip locked)
update send_job j set run_at = now(), waiting_for = null, waiting_on = null
 where j.ctid = any (array(select ctid from c))`;
