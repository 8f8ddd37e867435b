// expand
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which news of providers have been taken: they tell the same again when an answer of ours gets lost. */
export class CreateProviderNews1764500000000 implements MigrationInterface {
  name = 'CreateProviderNews1764500000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table provider_news');
  }
}

const STATEMENTS = [
  // "id" is the provider's own name for a request or for what it tells. The key is what makes each count once.
  `create table provider_news(
     provider text not null,
     id text not null,
     seen_at timestamptz not null default now(),
     primary key (provider, id)
   )`,
  // Finds what is no longer kept.
  `create index provider_news_seen_at on provider_news (seen_at)`,
];
