// expand
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The domains that tenants send from, and the keys their mail is signed with. */
export class CreateSenderDomains1764200000000 implements MigrationInterface {
  name = 'CreateSenderDomains1764200000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(): Promise<void> {
    throw new Error('Dropping the domains would drop their keys; restore a backup instead.');
  }
}

const STATEMENTS = [
  // "checks" holds what DNS said last, by record. verified_at stays when a domain is lost: a tenant
  // that has proven a domain once does not go back to sending from any.
  `create table sender_domain(
     tenant_id uuid not null references tenant(id),
     id uuid not null,
     name text not null,
     status text not null default 'PENDING'
       constraint sender_domain_status_is_known check (status in ('PENDING','VERIFIED','AT_RISK','LOST')),
     ownership_token text not null,
     return_path text not null,
     return_path_verified boolean not null default false,
     checks jsonb not null default '{}',
     checked_at timestamptz,
     next_check_at timestamptz,
     verified_at timestamptz,
     at_risk_since timestamptz,
     created_at timestamptz not null default now(),
     primary key (tenant_id, id),
     constraint sender_domain_name_is_unique unique (tenant_id, name)
   )`,
  // Any tenant may claim a name, one has it. Parents and subdomains are looked at under a lock.
  `create unique index sender_domain_has_one_owner on sender_domain (name) where status in ('VERIFIED','AT_RISK')`,
  // The look at what is due for a check; few rows of many are.
  `create index sender_domain_next_check on sender_domain (next_check_at) where next_check_at is not null`,

  // The private half is sealed with a key that is not in the database, and erased when the key retires.
  `create table dkim_key(
     tenant_id uuid not null,
     id uuid not null,
     domain_id uuid not null,
     selector text not null,
     algorithm text not null constraint dkim_key_algorithm_is_known check (algorithm in ('RSA','ED25519')),
     state text not null default 'NEXT'
       constraint dkim_key_state_is_known check (state in ('NEXT','ACTIVE','RETIRED')),
     public_key text not null,
     private_key bytea,
     created_at timestamptz not null default now(),
     activated_at timestamptz,
     retired_at timestamptz,
     primary key (tenant_id, id),
     constraint dkim_key_can_sign_until_it_retires check (state = 'RETIRED' or private_key is not null),
     constraint dkim_key_selector_is_unique unique (tenant_id, domain_id, selector),
     constraint dkim_key_belongs_to_a_domain foreign key (tenant_id, domain_id)
       references sender_domain (tenant_id, id) on delete cascade
   )`,
  // Two rotations at once make one key, and two activations leave one to sign with.
  `create unique index dkim_key_has_one_per_state on dkim_key (tenant_id, domain_id, algorithm, state)
     where state in ('NEXT','ACTIVE')`,
];
