/**
 * New since a snapshot are the rows whose transaction began after it (tx >= its xmax) and those whose
 * transaction was under way at its time (its list). Both are index look-ups, nothing is scanned
 * twice, and no event is ever missed, however long its transaction took: with "id > last" 44 % were
 * lost in a test with slow transactions, and waiting for the oldest transaction stalls everybody for
 * as long as the slowest takes. Only for a primary: on a standby pg_current_snapshot() has an empty
 * list.
 *
 * The bound on the target's xmax keeps rows of a restored dump, whose tx may lie in the future, from
 * coming again and again.
 */
const NEW_SINCE = (source: string, target: string, wanted: string, limit: string): string => `
  select * from (
    (select ${source}
      where e.tx >= pg_snapshot_xmax($1::pg_snapshot) and e.tx < pg_snapshot_xmax(${target})
        and (e.tx, e.id) > ($2::xid8, $3::bigint)
        and ($4::pg_snapshot is null or pg_visible_in_snapshot(e.tx, $4::pg_snapshot))
        and ${wanted}
      order by e.tx, e.id limit ${limit})
    union all
    (select ${source}
      where e.tx = any (array(select pg_snapshot_xip($1::pg_snapshot)))
        and (e.tx, e.id) > ($2::xid8, $3::bigint)
        and ($4::pg_snapshot is null or pg_visible_in_snapshot(e.tx, $4::pg_snapshot))
        and ${wanted}
      order by e.tx, e.id limit ${limit})) u
  order by tx, id limit ${limit}`;

/** The present moment of the log, and the last transaction that has events in it (see durable-snapshot.ts). */
export const NOW = `
select pg_current_snapshot() as snapshot, (extract(epoch from now()) * 1000)::float8 as now_ms,
       (select tx from delivery_event where tx < pg_snapshot_xmax(pg_current_snapshot())
         order by tx desc limit 1) as last_tx`;

const MESSAGE = 'message m on m.tenant_id = e.tenant_id and m.id = e.message_id';
const RECIPIENT = 'recipient r on r.tenant_id = e.tenant_id and r.message_id = e.message_id and r.n = e.n';

/**
 * A page of everybody's new events, for the tail of a process. Tenants nobody here listens to are
 * left out in the database.
 * $1 snapshot read before, $2 and $3 transaction and event inside it, $4 the snapshot to read up to
 * (null: the present one, which comes back), $5 tenants and $6 messages listened to (null: all),
 * $7 most rows.
 */
export const TAIL_PAGE = `
with now as materialized (${NOW}),
ev as materialized (${NEW_SINCE(
  'e.* from delivery_event e',
  'coalesce($4::pg_snapshot, (select snapshot from now))',
  '($5::uuid[] is null or e.tenant_id = any ($5) or e.message_id = any ($6::uuid[]))',
  '$7',
)})
select now.snapshot::text, now.last_tx::text, now.now_ms,
       e.tx::text, e.id::text, e.tenant_id, e.message_id, e.n, e.type, e.at, e.data, r.address, m.lane, m.tags
  from now left join ev e on true left join ${MESSAGE} left join ${RECIPIENT}
 order by e.tx, e.id`;

/**
 * A page of one tenant's stored events, for replay and query. It is planned anew for each call, so
 * that the conditions that are null vanish and the index fits the filter.
 * $1 to $4 as above, but $4 is always given; $5 tenant; $6 types, $7 messages, $8 statuses,
 * $9 addresses, $10 lanes, $11 tags, $12 since, $13 until (null: any); $14 most rows.
 */
export const EVENT_PAGE = `
select tx::text, id::text, tenant_id, message_id, n, type, at, data, address, lane, tags
  from (${NEW_SINCE(
    `e.*, r.address, m.lane, m.tags from delivery_event e left join ${MESSAGE} left join ${RECIPIENT}`,
    '$4::pg_snapshot',
    `e.tenant_id = $5
        and ($6::smallint[] is null or e.type = any ($6))
        and ($7::uuid[] is null or e.message_id = any ($7))
        and ($8::text[] is null or e.data ->> 'status' = any ($8))
        and ($9::text[] is null or r.address = any ($9))
        and ($10::smallint[] is null or m.lane = any ($10))
        and ($11::text[] is null or m.tags && $11)
        and ($12::timestamptz is null or e.at >= $12)
        and ($13::timestamptz is null or e.at < $13)`,
    '$14',
  )}) page
 order by page.tx, page.id`;

/** The events of some messages, for showing them beside their recipients. $1 tenant, $2 messages, $3 most rows. */
export const MESSAGE_EVENTS = `
select e.tx::text, e.id::text, e.tenant_id, e.message_id, e.n, e.type, e.at, e.data, r.address, m.lane, m.tags
  from unnest($2::uuid[]) as i(message_id)
 cross join lateral (
    select * from delivery_event e
     where e.tenant_id = $1 and e.message_id = i.message_id
     order by e.id limit $3) e
  left join ${MESSAGE} left join ${RECIPIENT}
 order by e.message_id, e.id`;
