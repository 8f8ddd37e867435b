import { Injectable } from '@nestjs/common';
import { isOnlyReplica, lockAlone } from '../../database/advisory-locks.js';
import { Pools } from '../../database/pools.js';
import type { Transaction } from '../../database/transaction.js';
import { withParents } from '../../domain/sender-domain.js';
import type { PageWindow } from '../../graphql/paginate.js';
import type { Verification } from './decide-verification.js';
import type { RecordCheck } from './record-check.js';
import type { NewDkimKey } from './new-dkim-keys.js';
import {
  DKIM_KEY_COLUMNS,
  type DkimKeyRow,
  SENDER_DOMAIN_COLUMNS,
  type SenderDomain,
  type SenderDomainRow,
} from './sender-domain.entity.js';

/** A domain about to be written. */
export type NewSenderDomain = Pick<SenderDomainRow, 'tenantId' | 'id' | 'name' | 'ownershipToken' | 'returnPath'>;

/** The name itself, those above it and those below it. */
const TAKEN = `
select exists (
  select from sender_domain
   where tenant_id <> $1 and status in ('VERIFIED','AT_RISK')
     and (name = any($2::text[]) or right(name, length($3) + 1) = '.' || $3)) as taken`;

/** A process that dies with some of them leaves them to the next hour. */
const CLAIM_DUE = `
update sender_domain d
   set next_check_at = now() + interval '1 hour'
  from (select tenant_id, id from sender_domain where next_check_at <= now()
         order by next_check_at limit $1 for update skip locked) due
 where d.tenant_id = due.tenant_id and d.id = due.id
returning ${SENDER_DOMAIN_COLUMNS}`;

@Injectable()
export class SenderDomainRepository {
  constructor(private readonly pools: Pools) {}

  async byId(tenantId: string, id: string): Promise<SenderDomain | undefined> {
    return this.read(this.pools.main, tenantId, id);
  }

  /** Holds the row until the end of the transaction. */
  async lock(tx: Transaction, tenantId: string, id: string): Promise<SenderDomain | undefined> {
    return this.read(tx, tenantId, id, 'for update');
  }

  /** Newest first. */
  async list(tenantId: string, { limit, after, before, backwards }: PageWindow<string>): Promise<SenderDomain[]> {
    const { rows } = await this.pools.main.query<SenderDomainRow>(
      `select ${SENDER_DOMAIN_COLUMNS} from sender_domain d
        where d.tenant_id = $1 and ($2::uuid is null or d.id < $2) and ($3::uuid is null or d.id > $3)
        order by d.id ${backwards ? 'asc' : 'desc'} limit $4`,
      [tenantId, after, before, limit],
    );
    return withKeys(this.pools.main, rows);
  }

  async byName(tenantId: string, name: string): Promise<Pick<SenderDomainRow, 'id'> | undefined> {
    const { rows } = await this.pools.main.query<{ id: string }>(
      'select id from sender_domain where tenant_id = $1 and name = $2',
      [tenantId, name],
    );
    return rows[0];
  }

  /** Whether the name, or one above or below it, belongs to another tenant. */
  async isTaken(tx: Transaction, tenantId: string, name: string): Promise<boolean> {
    const { rows } = await tx.query<{ taken: boolean }>(TAKEN, [tenantId, withParents(name), name]);
    return rows[0]?.taken === true;
  }

  /** Until the end of the transaction no other domain is verified: two tenants may be at related names. */
  async lockOwnership(tx: Transaction): Promise<void> {
    await lockAlone(tx, 'domainOwnership');
  }

  /** False when the tenant has the name already. */
  async insert(tx: Transaction, domain: NewSenderDomain): Promise<boolean> {
    const { rowCount } = await tx.query(
      `insert into sender_domain (tenant_id, id, name, ownership_token, return_path) values ($1, $2, $3, $4, $5)
       on conflict on constraint sender_domain_name_is_unique do nothing`,
      [domain.tenantId, domain.id, domain.name, domain.ownershipToken, domain.returnPath],
    );
    return rowCount === 1;
  }

  async insertKeys(tx: Transaction, tenantId: string, domainId: string, keys: readonly NewDkimKey[]): Promise<void> {
    for (const key of keys) {
      await tx.query(
        `insert into dkim_key (tenant_id, id, domain_id, selector, algorithm, public_key, private_key)
         values ($1, $2, $3, $4, $5, $6, $7)`,
        [tenantId, key.id, domainId, key.selector, key.algorithm, key.publicKey, key.sealed],
      );
    }
  }

  /**
   * A domain that counts as verified is looked at again: within the hour what is at risk, else after
   * about a day, spread so that the domains made by one script do not stay together.
   */
  async settle(
    tx: Transaction,
    { tenantId, id }: Pick<SenderDomainRow, 'tenantId' | 'id'>,
    verification: Verification,
    checks: Readonly<Record<string, RecordCheck>>,
  ): Promise<void> {
    const { status, atRiskSince, returnPathVerified } = verification;
    await tx.query(
      `update sender_domain
          set status = $3, at_risk_since = $4, return_path_verified = $5, checks = $6, checked_at = now(),
              verified_at = case when $3 = 'VERIFIED' then coalesce(verified_at, now()) else verified_at end,
              next_check_at = case when $3 = 'AT_RISK' then now() + interval '1 hour'
                                   when $3 = 'VERIFIED' then now() + interval '20 hours' + random() * interval '8 hours' end
        where tenant_id = $1 and id = $2`,
      [tenantId, id, status, atRiskSince, returnPathVerified, JSON.stringify(checks)],
    );
    await this.moveKeys(tx, tenantId, verification);
  }

  async delete(tx: Transaction, tenantId: string, id: string): Promise<boolean> {
    const { rowCount } = await tx.query('delete from sender_domain where tenant_id = $1 and id = $2', [tenantId, id]);
    return rowCount === 1;
  }

  /** The domains whose daily check is due; none while another replica takes its share. The checks need no lock. */
  async claimDue(tx: Transaction, limit: number): Promise<SenderDomainRow[]> {
    if (!(await isOnlyReplica(tx, 'domainRecheck'))) return [];
    const due = await tx.query<SenderDomainRow>(CLAIM_DUE, [limit]);
    return due.rows;
  }

  /** Selectors begin with their month, so that one of these does not come again. */
  async dropOldKeys(tx: Transaction): Promise<void> {
    await tx.query(`delete from dkim_key where state = 'RETIRED' and retired_at < now() - interval '60 days'`);
  }

  private async moveKeys(tx: Transaction, tenantId: string, { activate, retire }: Verification): Promise<void> {
    const ids = (keys: readonly DkimKeyRow[]): string[] => keys.map(({ id }) => id);
    await tx.query(
      `update dkim_key set state = 'RETIRED', retired_at = now(), private_key = null
        where tenant_id = $1 and id = any($2::uuid[]) and state = 'ACTIVE'`,
      [tenantId, ids(retire)],
    );
    await tx.query(
      `update dkim_key set state = 'ACTIVE', activated_at = now()
        where tenant_id = $1 and id = any($2::uuid[]) and state = 'NEXT'`,
      [tenantId, ids(activate)],
    );
  }

  private async read(tx: Transaction, tenantId: string, id: string, lock = ''): Promise<SenderDomain | undefined> {
    const { rows } = await tx.query<SenderDomainRow>(
      `select ${SENDER_DOMAIN_COLUMNS} from sender_domain d where d.tenant_id = $1 and d.id = $2 ${lock}`,
      [tenantId, id],
    );
    const [domain] = await withKeys(tx, rows);
    return domain;
  }
}

async function withKeys(tx: Transaction, rows: readonly SenderDomainRow[]): Promise<SenderDomain[]> {
  if (rows.length === 0) return [];
  const keys = await tx.query<DkimKeyRow>(
    `select ${DKIM_KEY_COLUMNS} from dkim_key k
      where k.tenant_id = $1 and k.domain_id = any($2::uuid[]) order by k.id`,
    [rows[0]?.tenantId, rows.map(({ id }) => id)],
  );
  return rows.map((row) => ({ row, keys: keys.rows.filter(({ domainId }) => domainId === row.id) }));
}
