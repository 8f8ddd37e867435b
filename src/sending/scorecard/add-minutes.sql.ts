/** A host may make up as many enhanced codes as it likes; the rare ones are counted together. */
const MOST_REPLIES = 20;

/** What the rare replies of a minute are counted under. */
const OTHER_REPLIES = 'other';

/** Two counts of replies added up. */
const sumOf = (one: string, other: string): string => `(
  select coalesce(jsonb_object_agg(reply, n), '{}') from (
    select case when place <= ${MOST_REPLIES} then reply else '${OTHER_REPLIES}' end as reply, sum(n) as n from (
      select reply, sum(n) as n, row_number() over (order by reply = '${OTHER_REPLIES}', sum(n) desc, reply) as place
        from (select key, value::bigint from jsonb_each_text(${one})
              union all select key, value::bigint from jsonb_each_text(${other})) as each(reply, n)
       group by reply) as placed
     group by 1) as kept)`;

/**
 * Adds counts to the rows of their minutes. Every worker adds to the same rows, always in the order of
 * the key: two that met in different orders would deadlock. $1 an array of rows as JSON.
 */
export const ADD_MINUTES = `
insert into provider_minute as m
       (provider, lane, minute, accepted, deferred, refused, in_doubt, fallbacks, latency, replies)
select provider, lane, minute, accepted, deferred, refused, in_doubt, fallbacks, latency, ${sumOf('replies', `'{}'`)}
  from jsonb_to_recordset($1::jsonb) as r(provider text, lane smallint, minute timestamptz, accepted int, deferred int,
       refused int, in_doubt int, fallbacks int, latency int[], replies jsonb)
 order by provider, lane, minute
on conflict (provider, lane, minute) do update set
  accepted = m.accepted + excluded.accepted,
  deferred = m.deferred + excluded.deferred,
  refused = m.refused + excluded.refused,
  in_doubt = m.in_doubt + excluded.in_doubt,
  fallbacks = m.fallbacks + excluded.fallbacks,
  latency = (select array_agg(one + other order by step)
               from unnest(m.latency, excluded.latency) with ordinality as each(one, other, step)),
  replies = ${sumOf('m.replies', 'excluded.replies')}`;
