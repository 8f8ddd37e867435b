import { Injectable } from '@nestjs/common';
import { lockAlone } from '../database/advisory-locks.js';
import { Pools } from '../database/pools.js';
import type { Transaction } from '../database/transaction.js';
import { UnknownCommitOutcome } from '../database/unknown-commit-outcome.js';
import { newUuidV7 } from '../database/uuid-v7.js';
import { SCOPES } from '../domain/principal.js';
import { ApiKeys, type MadeApiKey } from './api-keys.js';

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
    for (;;) {
      let made: MadeApiKey | undefined;
      try {
        await this.pools.transaction(this.pools.main, async (tx) => {
          made = await this.makeFirst(tx);
          if (made !== undefined) await save(made.secret);
        });
        return made?.secret;
      } catch (error) {
        if (!(error instanceof UnknownCommitOutcome)) throw error;
        // Nobody would ever be told the secret of a key that was made after all.
        if (made !== undefined && (await this.exists(made.id))) return made.secret;
      }
    }
  }

  private async makeFirst(tx: Transaction): Promise<MadeApiKey | undefined> {
    await lockAlone(tx, 'firstKey');
    const { rowCount } = await tx.query('select from tenant limit 1');
    if (rowCount !== 0) return undefined;
    const tenantId = newUuidV7();
    await tx.query('insert into tenant (id, name) values ($1, $2)', [tenantId, 'default']);
    return this.apiKeys.make(tx, tenantId, { name: 'first key', mode: 'TEST', scopes: SCOPES, expiresAt: undefined });
  }

  private async exists(keyId: string): Promise<boolean> {
    const { rowCount } = await this.pools.main.query('select from api_key where id = $1', [keyId]);
    return rowCount !== 0;
  }
}
