import { Injectable } from '@nestjs/common';
import { Pools } from '../../../database/pools.js';
import type { MtaStsPolicy } from '../../../domain/mta-sts-policy.js';

/** A policy as it was fetched. */
export interface StoredPolicy {
  readonly id: string;
  readonly policy: Omit<MtaStsPolicy, 'maxAgeSeconds'>;
  /** Seconds since it was fetched, and until it runs out. */
  readonly age: number;
  readonly left: number;
}

// Only the database's clock decides: processes may disagree about the time, not about the policy.
const FIND = `
select policy_id as id, mode, mx,
       extract(epoch from now() - fetched_at)::float8 as age,
       extract(epoch from expires_at - now())::float8 as left
  from mta_sts_policy
 where domain = $1 and expires_at > now()`;

const SAVE = `
with outdated as (delete from mta_sts_policy where expires_at < now() - interval '1 day')
insert into mta_sts_policy(domain, policy_id, mode, mx, fetched_at, expires_at)
values ($1, $2, $3, $4, now(), now() + make_interval(secs => $5))
on conflict (domain) do update
   set policy_id = excluded.policy_id, mode = excluded.mode, mx = excluded.mx,
       fetched_at = excluded.fetched_at, expires_at = excluded.expires_at`;

interface Row extends Omit<StoredPolicy, 'policy'> {
  readonly mode: MtaStsPolicy['mode'];
  readonly mx: readonly string[];
}

/** Policies of recipient domains, for all processes and beyond their end. */
@Injectable()
export class MtaStsPolicyRepository {
  constructor(private readonly pools: Pools) {}

  /** The one that holds now, if any. */
  async find(domain: string): Promise<StoredPolicy | undefined> {
    const { rows } = await this.pools.main.query<Row>(FIND, [domain]);
    return rows.map(({ id, mode, mx, age, left }) => ({ id, policy: { mode, mx }, age, left }))[0];
  }

  async save(domain: string, id: string, policy: MtaStsPolicy): Promise<void> {
    await this.pools.main.query(SAVE, [domain, id, policy.mode, policy.mx, policy.maxAgeSeconds]);
  }
}
