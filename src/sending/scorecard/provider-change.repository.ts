import { Injectable } from '@nestjs/common';
import { Pools } from '../../database/pools.js';
import type { Transaction } from '../../database/transaction.js';
import type { PageWindow } from '../../graphql/paginate.js';
import type { PaceChangeName } from '../pacing/pace-change.js';

/** A line in the history of a provider, as stored. */
export interface ProviderChangeRow {
  readonly id: string;
  readonly provider: string;
  readonly lane: number | null;
  readonly site: string | null;
  readonly change: PaceChangeName;
  readonly note: string;
  readonly at: Date;
}

/** The key finds them, as an id of version 7 begins with the milliseconds of its time. */
const DROP_OLD = `
delete from provider_change where id = any(array(
  select id from provider_change
   where id < (lpad(to_hex((extract(epoch from now() - $1 * interval '1 day') * 1000)::bigint), 12, '0')
               || repeat('0', 20))::uuid
   order by id limit $2))`;

/** What happened to providers. */
@Injectable()
export class ProviderChangeRepository {
  constructor(private readonly pools: Pools) {}

  /** Newest first, of one provider or of all: an id of version 7 sorts by its time. */
  async list(provider: string | undefined, window: PageWindow<string>): Promise<ProviderChangeRow[]> {
    const { limit, after, before, backwards } = window;
    const values: unknown[] = [];
    const and = (condition: string, value: unknown): string =>
      value === undefined ? '' : ` and ${condition} $${values.push(value)}`;
    const where = and('provider =', provider) + and('id <', after) + and('id >', before);
    const { rows } = await this.pools.main.query<ProviderChangeRow>(
      `select id, provider, lane, site, change, note, at from provider_change where true${where}
        order by id ${backwards ? 'asc' : 'desc'} limit $${values.push(limit)}`,
      values,
    );
    return rows;
  }

  /** Of what is older than so many days at most so many rows; their number. */
  async dropOld(tx: Transaction, days: number, limit: number): Promise<number> {
    const { rowCount } = await tx.query(DROP_OLD, [days, limit]);
    return rowCount ?? 0;
  }
}
