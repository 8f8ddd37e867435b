// expand
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What workers share so that lanes hold: pauses, breakers, rates, who is alive, and why a job waits. */
export class PaceDeliveries1764300000000 implements MigrationInterface {
  name = 'PaceDeliveries1764300000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table provider_day, lane_pause, provider_change, pace, rate_bucket, worker');
    await runner.query('alter table attempt drop column provider_message_id');
    await runner.query('drop index send_job_waiting');
    await runner.query(
      'alter table send_job drop column deferrals, drop column waiting_for, drop column waiting_on, drop column provider',
    );
  }
}

const STATEMENTS = [
  // "deferrals" is the position in the retry schedule: an attempt through a second provider is no step
  // of it. "waiting_for" and "waiting_on" tell why a job was put back; "provider" is the only one that
  // may be asked, because it alone can tell whether it has the mail already.
  `alter table send_job
     add column deferrals smallint not null default 0,
     add column waiting_for smallint,
     add column waiting_on text,
     add column provider text`,
  `update send_job set deferrals = least(attempt, 1000) where attempt > 0`,
  // Finds what waited for a breaker or a rate as soon as it may go. Jobs that wait for anything else
  // (1: their retry, 6: a doubt) are not in it.
  `create index send_job_waiting on send_job (waiting_on, lane, run_at) where waiting_for in (2, 3, 4, 5)`,

  // The name the provider gave the mail: its later news carry it.
  `alter table attempt add column provider_message_id text`,

  `create table lane_pause(
     lane smallint primary key,
     reason text not null,
     paused_at timestamptz not null default now()
   )`,

  // One row for each way out that is not simply open: a provider in a lane, or a site behind one.
  // Unlogged, like the two below: after a crash of the database everything is learnt again within seconds.
  `create unlogged table pace(
     key text primary key,
     kind smallint not null,
     until timestamptz,
     failed_probes int not null,
     per_second float8,
     rated_at timestamptz,
     slope float8,
     ceiling float8,
     ends_at timestamptz,
     connections int,
     connections_until timestamptz,
     usual float8 not null default 0
   ) with (fillfactor = 50)`,

  // When the next message could go at the earliest if all went evenly (GCRA); what a lane may run
  // ahead of it is its share of the burst.
  `create unlogged table rate_bucket(
     key text primary key,
     tat timestamptz not null,
     granted int not null
   ) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
           autovacuum_vacuum_cost_delay = 0)`,

  // A day's quota counts over a crash, too: it is logged.
  `create table provider_day(
     provider text not null,
     day date not null,
     used int not null,
     granted int not null,
     primary key (provider, day)
   ) with (fillfactor = 50)`,

  // Workers alive share limits on connections between them.
  `create unlogged table worker(
     id uuid primary key,
     seen_at timestamptz not null default now()
   ) with (fillfactor = 50)`,

  // What happened to providers: breakers that opened and closed, slow-downs, probes.
  `create table provider_change(
     id uuid primary key,
     provider text not null,
     lane smallint,
     site text,
     change text not null,
     note text not null,
     at timestamptz not null default now()
   )`,
  // The history of one provider, newest first.
  `create index provider_change_provider on provider_change (provider, id)`,
];
