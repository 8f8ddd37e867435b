// expand
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Since when the way of a job is shut: what gives up after a time must not count the time before. */
export class RememberParking1764600000000 implements MigrationInterface {
  name = 'RememberParking1764600000000';

  async up(runner: QueryRunner): Promise<void> {
    // Null: it has not been found shut, or no longer is.
    await runner.query('alter table send_job add column parked_since timestamptz');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table send_job drop column parked_since');
  }
}
