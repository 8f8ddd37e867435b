import { Injectable } from '@nestjs/common';
import { Pools } from '../../database/pools.js';
import type { DkimAlgorithm } from '../../domain/dkim/dkim-signature.js';
import type { DomainStatus } from '../../domain/sender-domain.js';

/** A domain that is or was verified, with the keys that sign for it. */
export interface ProvenDomainRow {
  readonly tenantId: string;
  readonly name: string;
  readonly status: DomainStatus;
  readonly returnPath: string;
  readonly returnPathVerified: boolean;
  readonly keys: readonly ActiveKeyRow[];
}

export interface ActiveKeyRow {
  readonly id: string;
  readonly tenantId: string;
  readonly selector: string;
  readonly algorithm: DkimAlgorithm;
}

const PROVEN = `
select d.tenant_id as "tenantId", d.name, d.status, d.return_path as "returnPath",
       d.return_path_verified as "returnPathVerified",
       coalesce((select json_agg(json_build_object('id', k.id, 'tenantId', k.tenant_id, 'selector', k.selector,
                                                   'algorithm', k.algorithm) order by k.algorithm desc)
                   from dkim_key k
                  where k.tenant_id = d.tenant_id and k.domain_id = d.id and k.state = 'ACTIVE'), '[]') as keys
  from sender_domain d
 where d.verified_at is not null`;

const SECRET = `
select public_key as "publicKey", private_key as "sealed" from dkim_key where tenant_id = $1 and id = $2`;

@Injectable()
export class ActiveKeyRepository {
  constructor(private readonly pools: Pools) {}

  /** Of all tenants. */
  async provenDomains(): Promise<ProvenDomainRow[]> {
    const { rows } = await this.pools.main.query<ProvenDomainRow>(PROVEN);
    return rows;
  }

  async secretOf(key: ActiveKeyRow): Promise<{ publicKey: string; sealed: Buffer | null } | undefined> {
    const { rows } = await this.pools.main.query<{ publicKey: string; sealed: Buffer | null }>(SECRET, [
      key.tenantId,
      key.id,
    ]);
    return rows[0];
  }
}
