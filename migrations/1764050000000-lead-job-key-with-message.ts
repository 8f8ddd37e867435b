// expand
import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The one key a tenant does not lead. The queue is empty again and again, and after a vacuum of the
 * empty table every index that has the tenant in it looks equally good to the planner for a job's
 * look-up, or none at all (see IS_JOB). Now there is one index that can serve it. The lock lasts as long as an
 * index on the waiting jobs takes to build: 0.2 s for 500,000.
 */
export class LeadJobKeyWithMessage1764050000000 implements MigrationInterface {
  name = 'LeadJobKeyWithMessage1764050000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'alter table send_job drop constraint send_job_pkey, add constraint send_job_pkey primary key (message_id, n, tenant_id)',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'alter table send_job drop constraint send_job_pkey, add constraint send_job_pkey primary key (tenant_id, message_id, n)',
    );
  }
}
