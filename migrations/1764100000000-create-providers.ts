// expand
import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What administrators make at runtime. Both belong to the installation, not to a tenant, and are
 * small: every process holds them in memory. A release before this one does not read them.
 */
export class CreateProviders1764100000000 implements MigrationInterface {
  name = 'CreateProviders1764100000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table route');
    await runner.query('drop table provider');
  }
}

const STATEMENTS = [
  // "settings" as they were given, without what is secret; that is in "secrets", encrypted for this
  // very row. No list of kinds here: a release that does not know one leaves its rows alone.
  `create table provider(
     id uuid primary key,
     name text not null constraint provider_name_is_unique unique,
     kind text not null,
     state text not null constraint provider_state_is_known check (state in ('ACTIVE','DRAINING')),
     settings jsonb not null,
     secrets bytea,
     limits jsonb not null,
     signing text not null constraint provider_signing_is_known check (signing in ('POSTERN','PROVIDER')),
     created_at timestamptz not null default now(),
     updated_at timestamptz not null default now()
   )`,

  // The list is always replaced as a whole; "n" keeps its order. Steps name providers, which may be
  // configured ones: no foreign key.
  `create table route(
     n int primary key,
     tenant_id uuid,
     lane smallint,
     sender_domain text,
     recipient_domain text,
     steps jsonb not null
   )`,
];
