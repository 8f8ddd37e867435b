import pg from 'pg';

/**
 * The schema as text, in one order whatever made it. Partitions are left out, because their names
 * depend on the day. Servers differ in two things that are evened out: 18 counts NOT NULL as a constraint
 * (the column says it), and builds without lz4 store uncompressed.
 */
const QUERIES: readonly { title: string; sql: string }[] = [
  {
    title: 'tables',
    sql: `select format('%s%s%s', c.relname,
            coalesce(' ' || pg_get_partkeydef(c.oid), ''),
            coalesce(' with ' || (select string_agg(o, ', ' order by o) from unnest(c.reloptions) o), '')) as line
          from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r','p') and not c.relispartition order by c.relname`,
  },
  {
    title: 'columns',
    sql: `select format('%s.%s %s%s%s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
            case when a.attnotnull then ' not null' else '' end,
            coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), ''),
            case when a.attstorage = 'e' or a.attcompression = 'l' then ' never pglz' else '' end) as line
          from pg_attribute a join pg_class c on c.oid = a.attrelid
            left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
          where c.relnamespace = 'public'::regnamespace and c.relkind in ('r','p') and not c.relispartition
            and a.attnum > 0 and not a.attisdropped order by c.relname, a.attnum`,
  },
  {
    title: 'constraints',
    sql: `select format('%s %s %s', k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid)) as line
          from pg_constraint k join pg_class c on c.oid = k.conrelid
          where k.connamespace = 'public'::regnamespace and not c.relispartition and k.contype <> 'n' order by c.relname, k.conname`,
  },
  {
    title: 'indexes',
    sql: `select pg_get_indexdef(i.indexrelid) as line from pg_index i join pg_class c on c.oid = i.indrelid join pg_class n on n.oid = i.indexrelid
          where c.relnamespace = 'public'::regnamespace and not c.relispartition order by c.relname, n.relname`,
  },
  {
    title: 'sequences',
    sql: `select format('%s %s', sequencename, data_type) as line from pg_sequences where schemaname = 'public' order by 1`,
  },
  {
    title: 'functions',
    sql: `select pg_get_functiondef(p.oid) as line from pg_proc p where p.pronamespace = 'public'::regnamespace order by p.proname`,
  },
  {
    title: 'views, triggers and policies',
    sql: `select format('%s %s', relkind::text, relname) as line from pg_class where relnamespace = 'public'::regnamespace and relkind in ('v','m')
          union all select pg_get_triggerdef(oid) from pg_trigger where not tgisinternal
          union all select format('policy %s %s', tablename, policyname) from pg_policies order by line`,
  },
];

/** Tables, columns, constraints, indexes, sequences and functions of a database. */
export async function dumpSchema(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const sections: string[] = [];
    for (const { title, sql } of QUERIES) {
      const { rows } = await client.query<{ line: string }>(sql);
      sections.push([`# ${title}`, ...rows.map(({ line }) => line)].join('\n'));
    }
    return `${sections.join('\n\n')}\n`;
  } finally {
    await client.end();
  }
}
