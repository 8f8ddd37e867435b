import { Injectable } from '@nestjs/common';
import { Pools } from '../../database/pools.js';
import { newUuidV7 } from '../../database/uuid-v7.js';
import { laneCode } from '../../domain/lane.js';
import { FLOWING, type PaceState, isUnlimited } from '../../domain/pace.js';
import type { PaceChange } from './pace-change.js';

const KINDS = ['FLOWING', 'OPEN', 'PROBING'] as const;

interface PaceRow {
  readonly key: string;
  readonly kind: number;
  readonly until: number | null;
  readonly failed_probes: number;
  readonly per_second: number | null;
  readonly rated_at: number | null;
  readonly slope: number | null;
  readonly ceiling: number | null;
  readonly ends_at: number | null;
  readonly connections: number | null;
  readonly connections_until: number | null;
  readonly usual: number;
}

/** A stored pace; `usual` is how many messages a second went before it stopped, of all replicas. */
export interface StoredPace {
  readonly state: PaceState;
  readonly usual: number;
}

const MS = (column: string): string => `extract(epoch from ${column})::float8 * 1000 as ${column}`;

const COLUMNS = `key, kind, ${MS('until')}, failed_probes, per_second, ${MS('rated_at')}, slope, ceiling,
  ${MS('ends_at')}, connections, ${MS('connections_until')}, usual`;

const LOAD = `select ${COLUMNS} from pace`;

const LOCK = `select ${COLUMNS} from pace where key = $1 for update`;

const STORE = `
insert into pace (key, kind, until, failed_probes, per_second, rated_at, slope, ceiling, usual,
                  ends_at, connections, connections_until)
values ($1, $2, to_timestamp($3::float8 / 1000), $4, $5, to_timestamp($6::float8 / 1000), $7, $8, $9,
        to_timestamp($10::float8 / 1000), $11, to_timestamp($12::float8 / 1000))
on conflict (key) do update set
  kind = excluded.kind, until = excluded.until, failed_probes = excluded.failed_probes,
  per_second = excluded.per_second, rated_at = excluded.rated_at, slope = excluded.slope,
  ceiling = excluded.ceiling, usual = excluded.usual, ends_at = excluded.ends_at,
  connections = excluded.connections, connections_until = excluded.connections_until`;

/** clock_timestamp(): whoever waited for the lock must not see the time from before it. */
const NOW = 'select extract(epoch from clock_timestamp())::float8 * 1000 as now';

const ADD_CHANGE = `
insert into provider_change (id, provider, lane, site, change, note) values ($1, $2, $3, $4, $5, $6)`;

/** The paces that replicas share. Times are the database's, in milliseconds since the epoch. */
@Injectable()
export class PaceRepository {
  constructor(private readonly pools: Pools) {}

  /** Everything that is not simply open, and the database's time. */
  async load(): Promise<{ paces: Map<string, StoredPace>; nowMs: number }> {
    const [{ rows }, now] = await Promise.all([
      this.pools.queue.query<PaceRow>(LOAD),
      this.pools.queue.query<{ now: number }>(NOW),
    ]);
    return { paces: new Map(rows.map((row) => [row.key, toPace(row)])), nowMs: now.rows[0]?.now ?? 0 };
  }

  /**
   * Replaces the state by what the step makes of it: one replica after the other, so that of two that
   * saw the same only the first changes anything. What is FLOWING without a limit has no row.
   */
  async change(
    key: string,
    step: (pace: StoredPace, nowMs: number) => StoredPace,
    told: (before: PaceState, after: PaceState) => PaceChange | undefined,
  ): Promise<{ before: PaceState; after: StoredPace }> {
    return this.pools.transaction(this.pools.queue, async (tx) => {
      await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`postern.pace.${key}`]);
      const { rows } = await tx.query<PaceRow>(LOCK, [key]);
      const { rows: clock } = await tx.query<{ now: number }>(NOW);
      const before = rows[0] === undefined ? { state: FLOWING, usual: 0 } : toPace(rows[0]);
      const after = step(before, clock[0]?.now ?? 0);
      if (after === before) return { before: before.state, after };
      if (isUnlimited(after.state)) {
        await tx.query('delete from pace where key = $1', [key]);
      } else await tx.query(STORE, values(key, after));
      const change = told(before.state, after.state);
      if (change !== undefined) await tx.query(ADD_CHANGE, changeValues(change));
      return { before: before.state, after };
    });
  }

  /** Forgets limits that have served their purpose. */
  async forget(keys: readonly string[]): Promise<void> {
    if (keys.length > 0) await this.pools.queue.query('delete from pace where key = any($1) and kind = 0', [keys]);
  }
}

function toPace(row: PaceRow): StoredPace {
  const { kind, until, failed_probes: failedProbes, per_second: perSecond, rated_at: atMs, slope, ceiling } = row;
  const { ends_at: ends, connections: most, connections_until: mostUntil, usual } = row;
  const rate =
    perSecond === null || atMs === null || slope === null || ceiling === null
      ? undefined
      : { perSecond, atMs, slope, ceiling, endsMs: ends ?? undefined };
  const connections = most === null || mostUntil === null ? undefined : { most, untilMs: mostUntil };
  return {
    state: { kind: KINDS[kind] ?? 'FLOWING', untilMs: until ?? undefined, failedProbes, rate, connections },
    usual,
  };
}

function values(key: string, { state, usual }: StoredPace): unknown[] {
  const { kind, untilMs, failedProbes, rate, connections } = state;
  const limits = [rate?.perSecond, rate?.atMs, rate?.slope, rate?.ceiling];
  const told = [rate?.endsMs, connections?.most, connections?.untilMs];
  const stored = [untilMs, failedProbes, ...limits, usual, ...told].map((value) => value ?? null);
  return [key, KINDS.indexOf(kind), ...stored];
}

function changeValues({ key, change, note }: PaceChange): unknown[] {
  const lane = 'lane' in key ? laneCode(key.lane) : null;
  return [newUuidV7(), key.provider, lane, 'site' in key ? key.site : null, change, note];
}
