import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { EVENT_TYPE_CODES } from '../src/domain/delivery-event.ts';
import { type Lane, laneCode } from '../src/domain/lane.ts';
import { RECIPIENT_STATUS_CODES } from '../src/domain/recipient-status.ts';
import { bodies } from './workload.ts';

/** Messages a transaction: enough to be quick, few enough to be seen going on. */
const CHUNK = 20_000;
const BYTES = 2000;
const DAY_MS = 86_400_000;
const PAST_DAYS = 30;
export const RECIPIENTS_OF_PAST_MESSAGE = 10;

/** Seeded mail is numbered from here on: what is measured has the numbers below. */
export const FIRST_SEEDED = 100_000_000;

/**
 * The messages of a chunk, with ids as they would have got them (version 7: the time, then what makes
 * them differ). $1 the time of the first, in milliseconds since the epoch, $2 milliseconds between
 * two, $3 and $4 the first and last number.
 */
const CHUNK_ROWS = `
create temporary table chunk on commit drop as
select i, to_timestamp(at / 1000) as at,
       (lpad(to_hex(at::bigint), 12, '0') || '7' || lpad(to_hex(i % 4096), 3, '0') || '8' || lpad(to_hex(i), 15, '0'))::uuid as id
  from (select i, $1::float8 + (i - $3::int) * $2::float8 as at from generate_series($3::int, $4::int) as i) numbered`;

const MESSAGES = `
insert into message (tenant_id, id, lane, sandbox, in_doubt_policy, from_address, from_name, subject,
                     message_id_header, tags, recipient_count, size_bytes, accepted_at)
select $1::uuid, id, $2::smallint, false, 0, 'news@example.com', 'The News', 'Number ' || i,
       id || '@example.com', '{}', $3::int, ${BYTES}, at
  from chunk`;

/**
 * Twenty domains in turn: one alone may not have all the slots of a lane, which would keep some free
 * for whoever is measured beside it.
 */
const DOMAIN = `'bulk' || i % 20 || '.test'`;

/** The header names the list, not the recipients. $1 tenant, $2 text, $3 HTML. */
const CONTENTS = `
insert into message_content (tenant_id, message_id, text_body, html_body, parts)
select $1::uuid, id, $2::text, $3::text,
       '{"from":["news@example.com","The News"],"to":[["list@example.com",null]],"cc":[],"replyTo":[],"headers":[],"attachments":[]}'
  from chunk`;

/** $1 tenant, $2 recipients of a message, $3 number of the first address, $4 status, $5 attempts, $6 code, $7 reply. */
const RECIPIENTS = `
insert into recipient (tenant_id, message_id, n, kind, address, domain, status, attempts, smtp_code, reply, updated_at)
select $1::uuid, id, n, 0, ($3::int + i * $2::int + n) || 'b@' || ${DOMAIN}, ${DOMAIN}, $4::smallint, $5::int,
       $6::smallint, $7::text, at
  from chunk cross join generate_series(0, $2::int - 1) as n`;

/** $1 tenant, $2 recipients of a message, $3 type, $4 data. */
const EVENTS = `
insert into delivery_event (tenant_id, message_id, n, type, at, data)
select $1::uuid, id, n, $3::smallint, at, $4::jsonb from chunk cross join generate_series(0, $2::int - 1) as n`;

const ATTEMPTS = `
insert into attempt (tenant_id, message_id, n, attempt, outcome, provider, stage, smtp_code, reply, started_at, finished_at)
select $1::uuid, id, n, 1, 'ACCEPTED', 'smtp', 'FINAL_REPLY', 250, '2.0.0 taken', at, at
  from chunk cross join generate_series(0, $2::int - 1) as n`;

const JOBS = `
insert into send_job (tenant_id, message_id, n, lane, run_at, domain)
select $1::uuid, id, 0, $2::smallint, now(), ${DOMAIN} from chunk`;

interface Batch {
  readonly count: number;
  readonly startMs: number;
  readonly everyMs: number;
}

/**
 * Puts mail into the database as accepting and delivering would have left it, many rows a statement:
 * the same tables, rows and indexes, only without idempotency keys. A million through the front door
 * would take ten times as long.
 */
export class Seeder {
  private readonly client: pg.Client;
  private next = 1;

  private constructor(client: pg.Client) {
    this.client = client;
  }

  static async connect(url: string): Promise<Seeder> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query('set synchronous_commit = off');
    return new Seeder(client);
  }

  async newTenant(name: string): Promise<string> {
    const id = randomUUID();
    await this.client.query('insert into tenant (id, name) values ($1, $2)', [id, name]);
    return id;
  }

  /** Messages with one recipient each that are due now. */
  async pending(tenantId: string, lane: Lane, count: number): Promise<void> {
    await this.inChunks({ count, startMs: Date.now() - count / 10, everyMs: 0.1 }, async () => {
      await this.ledger(tenantId, lane, 1, 'QUEUED');
      await this.client.query(JOBS, [tenantId, laneCode(lane)]);
    });
    await this.settle();
  }

  /** Recipients of the last thirty days that were handed over at the first attempt. */
  async past(tenantId: string, recipients: number): Promise<void> {
    const each = RECIPIENTS_OF_PAST_MESSAGE;
    const count = Math.ceil(recipients / each);
    const spanMs = PAST_DAYS * DAY_MS;
    await this.client.query("select ensure_partitions(now() - $1 * interval '1 day')", [PAST_DAYS]);
    await this.inChunks({ count, startMs: Date.now() - spanMs, everyMs: spanMs / count }, async () => {
      await this.ledger(tenantId, 'BULK', each, 'HANDED_OFF');
      await this.client.query(ATTEMPTS, [tenantId, each]);
      const data = { status: 'HANDED_OFF', attempt: 1, provider: 'smtp', code: 250, text: '2.0.0 taken' };
      await this.client.query(EVENTS, [tenantId, each, EVENT_TYPE_CODES.HANDED_OFF, data]);
    });
    await this.settle();
  }

  async close(): Promise<void> {
    await this.client.end();
  }

  private async ledger(tenantId: string, lane: Lane, each: number, status: 'QUEUED' | 'HANDED_OFF'): Promise<void> {
    const { text, html } = bodies(BYTES);
    const done = status === 'HANDED_OFF';
    await this.client.query(MESSAGES, [tenantId, laneCode(lane), each]);
    await this.client.query(CONTENTS, [tenantId, text, html]);
    const told = done ? [1, 250, '2.0.0 taken'] : [0, null, null];
    await this.client.query(RECIPIENTS, [tenantId, each, FIRST_SEEDED, RECIPIENT_STATUS_CODES[status], ...told]);
    await this.client.query(EVENTS, [tenantId, each, EVENT_TYPE_CODES.ACCEPTED, { status: 'QUEUED' }]);
  }

  private async inChunks({ count, startMs, everyMs }: Batch, write: () => Promise<void>): Promise<void> {
    for (let done = 0; done < count; done += CHUNK) {
      const last = Math.min(count, done + CHUNK) - done - 1;
      await this.client.query('begin');
      await this.client.query(CHUNK_ROWS, [startMs + done * everyMs, everyMs, this.next, this.next + last]);
      this.next += last + 1;
      await write();
      await this.client.query('commit');
    }
  }

  /** What the server would do in the background sooner or later is done before anything is measured. */
  private async settle(): Promise<void> {
    await this.client.query('vacuum (analyze)');
    await this.client.query('checkpoint');
  }
}
