// expand
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What became of attempts, counted by provider, lane and minute: what the scorecard is added up from. */
export class CreateProviderMinute1764400000000 implements MigrationInterface {
  name = 'CreateProviderMinute1764400000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table provider_minute');
  }
}

const STATEMENTS = [
  // Every worker adds to the row of the minute a few times, so rows leave room to be updated in place.
  // "latency" counts attempts by how long they took, in the steps of the histogram; "replies" by the
  // answer. No index but the key holds a column that changes.
  `create table provider_minute(
     provider text not null,
     lane smallint not null,
     minute timestamptz not null,
     accepted int not null,
     deferred int not null,
     refused int not null,
     in_doubt int not null,
     fallbacks int not null,
     latency int[] not null,
     replies jsonb not null,
     primary key (provider, lane, minute)
   ) with (fillfactor = 60)`,
  // Finds what is no longer kept.
  `create index provider_minute_minute on provider_minute (minute)`,
];
