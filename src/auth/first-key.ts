import { Injectable } from '@nestjs/common';
import { Pools } from '../database/pools.js';
import { newUuidV7 } from '../database/uuid-v7.js';
import { SCOPES } from '../domain/principal.js';
import { ApiKeys } from './api-keys.js';

/** Any number all releases agree on. */
const FIRST_KEY_LOCK = 7_683_019_453;

/** Gives an empty installation its tenant and a test key, so that the first request can be sent. */
@Injectable()
export class FirstKey {
  constructor(
    private readonly pools: Pools,
    private readonly apiKeys: ApiKeys,
  ) {}

  /**
   * The secret of the key, or undefined when there is a tenant already; of several processes that
   * start at once one gets it. `save` comes before the commit: a key nobody could note is not made.
   */
  async make(save: (secret: string) => Promise<void>): Promise<string | undefined> {
    return this.pools.transaction(this.pools.main, async (tx) => {
      await tx.query('select pg_advisory_xact_lock($1)', [FIRST_KEY_LOCK]);
      const { rowCount } = await tx.query('select from tenant limit 1');
      if (rowCount !== 0) return undefined;
      const tenantId = newUuidV7();
      await tx.query('insert into tenant (id, name) values ($1, $2)', [tenantId, 'default']);
      const request = { name: 'first key', mode: 'TEST', scopes: SCOPES, expiresAt: undefined } as const;
      const { secret } = await this.apiKeys.make(tx, tenantId, request);
      await save(secret);
      return secret;
    });
  }
}
