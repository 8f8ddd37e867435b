import type { Config } from '../config/config.js';
import type { Pools } from '../database/pools.js';

/** Injection token of the secret that key digests are made with. */
export const API_KEY_PEPPER = Symbol('API_KEY_PEPPER');

/** The configured pepper, kept out of the database and its backups, else the one made at installation. */
export async function loadApiKeyPepper(
  config: Pick<Config, 'apiKeyPepper'>,
  pools: Pick<Pools, 'main'>,
): Promise<string | Buffer> {
  if (config.apiKeyPepper !== undefined) return config.apiKeyPepper;
  const { rows } = await pools.main.query<{ api_key_pepper: Buffer }>('select api_key_pepper from installation');
  const row = rows[0];
  if (row === undefined) throw new Error('the installation has no row: the database was not migrated');
  return row.api_key_pepper;
}
