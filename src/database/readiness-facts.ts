import type pg from 'pg';
import { MIGRATIONS, MIGRATIONS_TABLE } from './migrations.js';

/** What decides whether mail can be accepted safely here. */
export interface ReadinessFacts {
  /** Every migration of this release has run; a newer release's may have too. */
  readonly migrated: boolean;
  readonly fsync: boolean;
  readonly fullPageWrites: boolean;
  /** As it is on our connections: `on`, `remote_apply`, … */
  readonly synchronousCommit: string;
  /** `18.4` */
  readonly serverVersion: string;
}

interface Row {
  fsync: string;
  full_page_writes: string;
  synchronous_commit: string;
  server_version: string;
  has_table: boolean;
}

/** Asks the database; throws when it cannot be reached. */
export async function readinessFacts(pool: pg.Pool): Promise<ReadinessFacts> {
  const { rows } = await pool.query<Row>(
    `select current_setting('fsync') fsync, current_setting('full_page_writes') full_page_writes,
            current_setting('synchronous_commit') synchronous_commit, current_setting('server_version') server_version,
            to_regclass($1) is not null has_table`,
    [MIGRATIONS_TABLE],
  );
  const row = rows[0];
  if (row === undefined) throw new Error('the database gave no answer');
  return {
    migrated: row.has_table && (await hasRunAll(pool)),
    fsync: row.fsync === 'on',
    fullPageWrites: row.full_page_writes === 'on',
    synchronousCommit: row.synchronous_commit,
    serverVersion: row.server_version.split(' ')[0] ?? row.server_version,
  };
}

async function hasRunAll(pool: pg.Pool): Promise<boolean> {
  const names = MIGRATIONS.map((migration) => migration.name);
  const { rows } = await pool.query<{ n: number }>(
    `select count(distinct name)::int n from ${MIGRATIONS_TABLE} where name = any($1)`,
    [names],
  );
  return rows[0]?.n === names.length;
}
