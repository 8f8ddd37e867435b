import { Injectable } from '@nestjs/common';
import { Pools } from '../../database/pools.js';
import type { Transaction } from '../../database/transaction.js';
import { type Lane, laneCode } from '../../domain/lane.js';
import { LATENCY_STEPS } from '../../domain/latency-histogram.js';
import { ADD_MINUTES } from './add-minutes.sql.js';
import type { MinuteCounts } from './attempt-tally.js';

/** Which minutes of a provider: those that begin from `since` on and before `until`. */
export interface MinuteRange {
  readonly provider: string;
  readonly lanes: readonly Lane[];
  readonly since: Date;
  readonly until: Date;
}

/** Minutes added up. */
export interface CountSums {
  readonly accepted: number;
  readonly deferred: number;
  readonly refused: number;
  readonly inDoubt: number;
  readonly fallbacks: number;
  readonly latency: readonly number[];
}

const sum = (column: string): string => `coalesce(sum(${column}), 0)::float8`;

const SUMS = `${sum('accepted')} as accepted, ${sum('deferred')} as deferred, ${sum('refused')} as refused,
  ${sum('in_doubt')} as "inDoubt", ${sum('fallbacks')} as fallbacks,
  array[${Array.from({ length: LATENCY_STEPS }, (_, step) => sum(`latency[${step + 1}]`)).join(', ')}] as latency`;

const IN_RANGE = `
  from provider_minute where provider = $1 and lane = any($2::smallint[]) and minute >= $3 and minute < $4`;

const TOTALS = `select ${SUMS} ${IN_RANGE}`;

const BY_MINUTE = `select minute as at, ${SUMS} ${IN_RANGE} group by minute order by minute`;

const REPLIES = `
select reply, sum(n::bigint)::float8 as count
  from (select replies ${IN_RANGE}) as minutes cross join jsonb_each_text(replies) as each(reply, n)
 group by reply order by count desc, reply`;

const DROP_OLD = `
delete from provider_minute where ctid = any(array(
  select ctid from provider_minute where minute < now() - $1 * interval '1 day' order by minute limit $2))`;

/** What attempts came to, by provider, lane and minute. */
@Injectable()
export class ProviderMinuteRepository {
  constructor(private readonly pools: Pools) {}

  async add(minutes: readonly MinuteCounts[]): Promise<void> {
    if (minutes.length > 0) await this.pools.main.query(ADD_MINUTES, [JSON.stringify(minutes.map(toRow))]);
  }

  async totals(range: MinuteRange): Promise<CountSums> {
    const { rows } = await this.pools.main.query<CountSums>(TOTALS, parameters(range));
    const [totals] = rows;
    if (totals === undefined) throw new Error('sums without a row');
    return totals;
  }

  /** The most frequent first. */
  async replies(range: MinuteRange): Promise<{ reply: string; count: number }[]> {
    const { rows } = await this.pools.main.query<{ reply: string; count: number }>(REPLIES, parameters(range));
    return rows;
  }

  /** Minutes in which something was attempted, the oldest first. */
  async byMinute(range: MinuteRange): Promise<(CountSums & { readonly at: Date })[]> {
    const { rows } = await this.pools.main.query<CountSums & { at: Date }>(BY_MINUTE, parameters(range));
    return rows;
  }

  /** Of what is older than so many days at most so many rows; their number. */
  async dropOld(tx: Transaction, days: number, limit: number): Promise<number> {
    const { rowCount } = await tx.query(DROP_OLD, [days, limit]);
    return rowCount ?? 0;
  }
}

function parameters({ provider, lanes, since, until }: MinuteRange): unknown[] {
  return [provider, lanes.map(laneCode), since, until];
}

function toRow({ lane, inDoubt, replies, ...counts }: MinuteCounts): Record<string, unknown> {
  return { ...counts, lane: laneCode(lane), in_doubt: inDoubt, replies: Object.fromEntries(replies) };
}
