import { Injectable } from '@nestjs/common';
import { Pools } from '../../../database/pools.js';

// All or nothing, so that what was granted is known without reading what was there before.
const LEASE = `
with outdated as (delete from source_address_use where address = $1::inet and day < $2::date - 60)
insert into source_address_use as u (address, day, used)
values ($1::inet, $2::date, $3)
on conflict (address, day) do update set used = u.used + excluded.used where u.used + excluded.used <= $4`;

const GIVE_BACK = `update source_address_use set used = greatest(0, used - $3) where address = $1::inet and day = $2::date`;

/** What addresses that warm up have been given to send, counted across processes. */
@Injectable()
export class SourceAddressUseRepository {
  constructor(private readonly pools: Pools) {}

  /**
   * Takes `count` messages of the day's allowance, or one where that is all that is left; returns how
   * many were taken. Each day's row keeps to its own allowance, whatever a process takes the day to be.
   */
  async lease(address: string, day: string, count: number, allowance: number): Promise<number> {
    for (const wanted of count > 1 ? [count, 1] : [count]) {
      const { rowCount } = await this.pools.main.query(LEASE, [address, day, wanted, allowance]);
      if (rowCount === 1) return wanted;
    }
    return 0;
  }

  /** What was taken and not used. */
  async giveBack(address: string, day: string, count: number): Promise<void> {
    await this.pools.main.query(GIVE_BACK, [address, day, count]);
  }
}
