// expand
import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The MTA-STS policies that recipient domains have published, so that a restart does not forget one
 * that demands TLS: who can block the look-up would have waited for just that.
 */
export class CreateMtaStsPolicy1764150000000 implements MigrationInterface {
  name = 'CreateMtaStsPolicy1764150000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table mta_sts_policy(
        domain text primary key,
        policy_id text not null,
        mode text not null constraint mta_sts_policy_mode_is_known check (mode in ('enforce','testing','none')),
        mx text[] not null,
        fetched_at timestamptz not null,
        expires_at timestamptz not null
      )`);
    // Those that have run out are deleted now and then.
    await runner.query('create index mta_sts_policy_by_expiry on mta_sts_policy(expires_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table mta_sts_policy');
  }
}
