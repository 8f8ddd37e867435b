/**
 * Takes up to so many tokens of a bucket (GCRA): "tat" is when the next message would go if all went
 * evenly, and a lane may run ahead of the clock by its window. One row and one write for a block of
 * tokens, exact over any number of replicas. A lane with a smaller window leaves the rest of the burst
 * to those above it.
 * $1 key, $2 tokens wanted, $3 seconds a token, $4 window in tokens.
 */
const LEAD = `extract(epoch from greatest(b.tat, now()) - now())::float8`;
const GRANTED = `greatest(0, least($2::int, floor($4::float8 - ${LEAD} / $3::float8 + 1e-6)::int))`;

export const TAKE_TOKENS = `
insert into rate_bucket as b (key, tat, granted)
values ($1, now() + least($2::int, floor($4::float8)::int) * $3::float8 * interval '1 second',
        least($2::int, floor($4::float8)::int))
on conflict (key) do update set
  granted = ${GRANTED},
  tat = greatest(b.tat, now()) + ${GRANTED} * $3::float8 * interval '1 second'
returning granted, extract(epoch from tat - now())::float8 as ahead`;

/**
 * A bucket whose time is past is full, as one that is not there. An hour later nobody asks for it any
 * more, or it begins anew. $1 at most so many.
 */
export const DROP_FULL_BUCKETS = `
delete from rate_bucket where key = any (array(
  select key from rate_bucket where tat < now() - interval '1 hour' limit $1 for update skip locked))`;
