import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { LessThan, MoreThan, Repository } from 'typeorm';
import { Pools } from '../database/pools.js';
import type { Transaction } from '../database/transaction.js';
import type { KeyMode, Principal, Scope } from '../domain/principal.js';
import type { PageWindow } from '../graphql/paginate.js';
import { ApiKeyEntity } from './api-key.entity.js';
import { TenantEntity } from './tenant.entity.js';

/** A key about to be written. */
export type NewApiKey = Pick<
  ApiKeyEntity,
  'tenantId' | 'id' | 'name' | 'mode' | 'scopes' | 'hint' | 'digest' | 'expiresAt'
>;

/** Times are compared on the database's clock: those of several replicas differ. */
const USABLE = 'revoked_at is null and (expires_at is null or expires_at > now())';

const BY_DIGEST = `select tenant_id, id, mode, scopes from api_key where digest = $1 and ${USABLE}`;

@Injectable()
export class ApiKeyRepository {
  constructor(
    private readonly pools: Pools,
    @InjectRepository(ApiKeyEntity) private readonly keys: Repository<ApiKeyEntity>,
    @InjectRepository(TenantEntity) private readonly tenants: Repository<TenantEntity>,
  ) {}

  /** Whose key it is, unless it is revoked or has expired. */
  async principalOf(digest: Buffer): Promise<Principal | undefined> {
    const { rows } = await this.pools.main.query<{ tenant_id: string; id: string; mode: KeyMode; scopes: Scope[] }>({
      name: 'api-key-by-digest',
      text: BY_DIGEST,
      values: [digest],
    });
    const row = rows[0];
    return row && { tenantId: row.tenant_id, keyId: row.id, mode: row.mode, scopes: row.scopes };
  }

  async isUsable(tenantId: string, id: string): Promise<boolean> {
    const { rowCount } = await this.pools.main.query(
      `select from api_key where tenant_id = $1 and id = $2 and ${USABLE}`,
      [tenantId, id],
    );
    return rowCount === 1;
  }

  /** Of several replicas that saw the same key the first one writes; the others find it fresh. */
  async markUsed(tx: Transaction, used: readonly Principal[]): Promise<void> {
    await tx.query(
      `update api_key k set last_used_at = now()
         from unnest($1::uuid[], $2::uuid[]) as used(tenant_id, id)
        where k.tenant_id = used.tenant_id and k.id = used.id
          and (k.last_used_at is null or k.last_used_at < now() - interval '1 minute')`,
      [used.map((principal) => principal.tenantId), used.map((principal) => principal.keyId)],
    );
  }

  async insert(tx: Transaction, key: NewApiKey): Promise<void> {
    await tx.query(
      `insert into api_key (tenant_id, id, name, mode, scopes, hint, digest, expires_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [key.tenantId, key.id, key.name, key.mode, key.scopes, key.hint, key.digest, key.expiresAt],
    );
  }

  /** The first revocation stays on record. False when the tenant has no such key. */
  async revoke(tx: Transaction, tenantId: string, id: string): Promise<boolean> {
    const { rowCount } = await tx.query(
      'update api_key set revoked_at = coalesce(revoked_at, now()) where tenant_id = $1 and id = $2',
      [tenantId, id],
    );
    return rowCount === 1;
  }

  /** Newest first. */
  list(tenantId: string, { limit, after, before, backwards }: PageWindow<string>): Promise<ApiKeyEntity[]> {
    // An id of version 7 sorts by its time.
    const bounds = [
      after === undefined ? [] : [LessThan(after)],
      before === undefined ? [] : [MoreThan(before)],
    ].flat();
    const [first, second] = bounds;
    const query = this.keys.createQueryBuilder('k').where({ tenantId });
    if (first !== undefined) query.andWhere({ id: first });
    if (second !== undefined) query.andWhere({ id: second });
    return query
      .orderBy('k.id', backwards ? 'ASC' : 'DESC')
      .take(limit)
      .getMany();
  }

  byId(tenantId: string, id: string): Promise<ApiKeyEntity | null> {
    return this.keys.findOneBy({ tenantId, id });
  }

  tenant(id: string): Promise<TenantEntity | null> {
    return this.tenants.findOneBy({ id });
  }
}
