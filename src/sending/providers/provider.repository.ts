import { Injectable } from '@nestjs/common';
import { Pools } from '../../database/pools.js';
import type { Transaction } from '../../database/transaction.js';
import { laneCode } from '../../domain/lane.js';
import { type MadeKind, PROVIDER_KINDS, type ProviderState, type Signer } from '../../domain/provider.js';
import type { Route } from '../../domain/route.js';
import type { SettingsDocument } from './provider-secrets.js';

/** A provider as it is kept. Another release may have written settings and limits that this one does not know. */
export interface ProviderRow {
  readonly id: string;
  readonly name: string;
  readonly kind: MadeKind;
  readonly state: ProviderState;
  /** As they were given, without what is secret. */
  readonly settings: SettingsDocument;
  /** Sealed for this row. */
  readonly secrets: Buffer | null;
  readonly limits: Readonly<Record<string, unknown>>;
  readonly signing: Signer;
}

export interface RouteRow {
  readonly tenant_id: string | null;
  readonly lane: number | null;
  readonly sender_domain: string | null;
  readonly recipient_domain: string | null;
  readonly steps: unknown;
}

const PROVIDER_COLUMNS = 'id, name, kind, state, settings, secrets, limits, signing';
// A release to come can have kinds that this one does not know.
const ALL_PROVIDERS = `select ${PROVIDER_COLUMNS} from provider where kind = any($1) order by name`;
const ALL_ROUTES = 'select tenant_id, lane, sender_domain, recipient_domain, steps from route order by n';

@Injectable()
export class ProviderRepository {
  constructor(private readonly pools: Pools) {}

  /** Both tables at one moment: no route without its provider. */
  load(): Promise<{ providers: ProviderRow[]; routes: RouteRow[] }> {
    return this.pools.transaction(this.pools.main, async (tx) => {
      await tx.query('set transaction isolation level repeatable read, read only');
      const { rows: providers } = await tx.query<ProviderRow>(ALL_PROVIDERS, [PROVIDER_KINDS]);
      return { providers, routes: await this.routes(tx) };
    });
  }

  /** One change after the other, in all processes: routes name providers, and both lists are short. */
  async lock(tx: Transaction): Promise<void> {
    await tx.query('lock table provider in share row exclusive mode');
  }

  async byName(tx: Transaction, name: string): Promise<ProviderRow | undefined> {
    const { rows } = await tx.query<ProviderRow>(`select ${PROVIDER_COLUMNS} from provider where name = $1`, [name]);
    return rows[0];
  }

  async names(tx: Transaction): Promise<string[]> {
    const { rows } = await tx.query<{ name: string }>('select name from provider');
    return rows.map(({ name }) => name);
  }

  async insert(tx: Transaction, row: ProviderRow): Promise<void> {
    await tx.query(
      `insert into provider (id, name, kind, state, settings, secrets, limits, signing)
       values ($1, $2, $3, $4, $5, $6, $7, $8)`,
      valuesOf(row),
    );
  }

  /** Name and kind stay. */
  async update(tx: Transaction, row: ProviderRow): Promise<void> {
    await tx.query(
      `update provider set state = $4, settings = $5, secrets = $6, limits = $7, signing = $8, updated_at = now()
        where id = $1 and name = $2 and kind = $3`,
      valuesOf(row),
    );
  }

  async setState(tx: Transaction, name: string, state: ProviderState): Promise<void> {
    await tx.query('update provider set state = $2, updated_at = now() where name = $1', [name, state]);
  }

  /** Breakers, rates and connections that were learnt about it. A name has no slash. */
  async forgetPaces(tx: Transaction, name: string): Promise<void> {
    await tx.query(`delete from pace where split_part(key, '/', 2) = $1`, [name]);
  }

  async delete(tx: Transaction, name: string): Promise<void> {
    await tx.query('delete from provider where name = $1', [name]);
  }

  /** Whether a stored route leads to it. */
  async isRouted(tx: Transaction, name: string): Promise<boolean> {
    const { rowCount } = await tx.query(
      `select from route
        where jsonb_path_exists(steps, '$[*].providers[*].provider ? (@ == $name)', jsonb_build_object('name', $1::text))`,
      [name],
    );
    return rowCount !== 0;
  }

  async routes(tx: Transaction): Promise<RouteRow[]> {
    const { rows } = await tx.query<RouteRow>(ALL_ROUTES);
    return rows;
  }

  async replaceRoutes(tx: Transaction, routes: readonly Route[]): Promise<void> {
    await tx.query('delete from route');
    await tx.query(
      `insert into route (n, tenant_id, lane, sender_domain, recipient_domain, steps)
       select n, tenant_id, lane, sender_domain, recipient_domain, steps
         from unnest($1::uuid[], $2::smallint[], $3::text[], $4::text[], $5::jsonb[])
              with ordinality as given(tenant_id, lane, sender_domain, recipient_domain, steps, n)`,
      [
        routes.map(({ tenantId }) => tenantId ?? null),
        routes.map(({ lane }) => (lane === undefined ? null : laneCode(lane))),
        routes.map(({ senderDomain }) => senderDomain ?? null),
        routes.map(({ recipientDomain }) => recipientDomain ?? null),
        routes.map(({ steps }) => JSON.stringify(steps.map((providers) => ({ providers })))),
      ],
    );
  }

  /** Those of the tenants that there are. */
  async knownTenants(tx: Transaction, ids: readonly string[]): Promise<Set<string>> {
    const { rows } = await tx.query<{ id: string }>('select id from tenant where id = any($1::uuid[])', [ids]);
    return new Set(rows.map(({ id }) => id));
  }
}

function valuesOf(row: ProviderRow): unknown[] {
  return [row.id, row.name, row.kind, row.state, row.settings, row.secrets, row.limits, row.signing];
}
