// expand
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What each of our addresses that is warming up has been given to send on a day, by all processes together. */
export class CreateSourceAddressUse1764150000001 implements MigrationInterface {
  name = 'CreateSourceAddressUse1764150000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table source_address_use(
        address inet not null,
        day date not null,
        used integer not null constraint source_address_use_is_not_negative check (used >= 0),
        primary key (address, day)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table source_address_use');
  }
}
