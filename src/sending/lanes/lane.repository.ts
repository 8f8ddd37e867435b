import { Injectable } from '@nestjs/common';
import { Pools } from '../../database/pools.js';
import type { Transaction } from '../../database/transaction.js';
import { type Lane, laneCode, laneOf } from '../../domain/lane.js';

/** A lane as it stands. */
export interface LaneRow {
  readonly lane: Lane;
  readonly pausedAt: Date | null;
  readonly reason: string | null;
  /** Recipients that still have something to be done. */
  readonly depth: number;
  /** Seconds the oldest due job has been due. */
  readonly oldestAgeSeconds: number;
}

const LANES_NOW = `
select l.lane, p.paused_at as "pausedAt", p.reason,
       (select count(*)::int from send_job j where j.lane = l.lane) as depth,
       coalesce(extract(epoch from now() - (select min(run_at) from send_job j
          where j.lane = l.lane and j.lease is null and j.run_at <= now())), 0)::float8 as "oldestAgeSeconds"
  from generate_series(0, 3) as l(lane) left join lane_pause p on p.lane = l.lane
 order by l.lane`;

/** Pausing what is paused keeps the time, and takes the new reason. */
const PAUSE = `
insert into lane_pause (lane, reason) values ($1, $2) on conflict (lane) do update set reason = excluded.reason`;

/** What operators have decided about lanes. */
@Injectable()
export class LaneRepository {
  constructor(private readonly pools: Pools) {}

  async list(): Promise<LaneRow[]> {
    const { rows } = await this.pools.main.query<Omit<LaneRow, 'lane'> & { lane: number }>(LANES_NOW);
    return rows.map((row) => ({ ...row, lane: laneOf(row.lane) }));
  }

  async pause(tx: Transaction, lane: Lane, reason: string): Promise<void> {
    await tx.query(PAUSE, [laneCode(lane), reason]);
  }

  async resume(tx: Transaction, lane: Lane): Promise<void> {
    await tx.query('delete from lane_pause where lane = $1', [laneCode(lane)]);
  }
}
