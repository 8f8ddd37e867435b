import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { lockAlone } from './advisory-locks.js';
import { ENSURE_PARTITIONS } from './ensure-partitions.sql.js';
import { MIGRATIONS, MIGRATIONS_TABLE } from './migrations.js';

/**
 * Brings the schema up to date and makes what every installation has. TypeORM takes no lock, so
 * another connection holds one meanwhile: of several processes that start at once one works and the
 * others find everything done.
 */
export async function migrate(url: string): Promise<void> {
  const lock = new pg.Client({ connectionString: url, application_name: 'postern-migrate' });
  // A lock that is lost is noticed at the commit below.
  lock.on('error', () => undefined);
  await lock.connect();
  try {
    await lock.query('begin');
    // The lock waits for long migrations while its own transaction is idle.
    await lock.query('set local idle_in_transaction_session_timeout = 0');
    await lock.query('set local statement_timeout = 0');
    await lockAlone(lock, 'migration');
    await runMigrations(url);
    await lock.query('insert into installation (api_key_pepper) values ($1) on conflict do nothing', [randomBytes(32)]);
    await lock.query(ENSURE_PARTITIONS);
    await lock.query('commit');
  } finally {
    await lock.end().catch(() => undefined);
  }
}

async function runMigrations(url: string): Promise<void> {
  const source = new DataSource({
    type: 'postgres',
    url,
    migrations: [...MIGRATIONS],
    migrationsTableName: MIGRATIONS_TABLE,
    migrationsTransactionMode: 'each',
    installExtensions: false,
    logging: false,
    extra: { max: 1, application_name: 'postern-migrate' },
  });
  await source.initialize();
  try {
    await source.runMigrations();
  } finally {
    await source.destroy();
  }
}
