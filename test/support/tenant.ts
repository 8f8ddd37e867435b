import type pg from 'pg';
import { newUuidV7 } from '../../src/database/uuid-v7.js';

/** The id of a tenant of one's own: what tests do in one database does not meet. */
export async function addTenant(database: Pick<pg.Pool, 'query'>): Promise<string> {
  const id = newUuidV7();
  await database.query('insert into tenant (id, name) values ($1, $2)', [id, id]);
  return id;
}
