import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../../config/config.js';
import { Pools } from '../../../database/pools.js';
import { newUuidV7 } from '../../../database/uuid-v7.js';

/** A mail as the sandbox took it. */
export interface CaughtMail {
  readonly tenantId: string;
  readonly messageId: string;
  readonly n: number;
  readonly envelopeFrom: string;
  readonly envelopeTo: string;
  readonly raw: Buffer;
}

/** A mail of the list: without its body, but with enough of it to read the subject. */
export interface SandboxMailRow {
  readonly id: string;
  readonly messageId: string;
  readonly n: number;
  readonly envelopeFrom: string;
  readonly envelopeTo: string;
  readonly receivedAt: Date;
  readonly size: number;
  readonly head: Buffer;
}

const INSERT = `
insert into sandbox_mail(tenant_id, id, message_id, n, envelope_from, envelope_to, raw)
values ($1, $2, $3, $4, $5, $6, $7)`;

// Ids are in order of arrival: everything up to the first one too many goes, along the primary key.
const TRIM = `
delete from sandbox_mail
 where tenant_id = $1
   and id <= (select id from sandbox_mail where tenant_id = $1 order by id desc offset $2 limit 1)`;

const LIST = `
select id, message_id as "messageId", n, envelope_from as "envelopeFrom", envelope_to as "envelopeTo",
       received_at as "receivedAt", octet_length(raw) as size, substring(raw for 32768) as head
  from sandbox_mail
 where tenant_id = $1 and ($2::uuid is null or message_id = $2)
 order by id desc
 limit $3`;

const RAW = `select id, raw from sandbox_mail where tenant_id = $1 and id = any($2::uuid[])`;

/** Keeps what the sandbox caught, the newest of each tenant. */
@Injectable()
export class SandboxMailRepository {
  /** Mails inserted by this process since the tenant's last trim; a tenant not yet seen is trimmed at once. */
  private readonly sinceTrim = new Map<string, number>();

  constructor(
    private readonly pools: Pools,
    @Inject(CONFIG) private readonly config: Pick<Config, 'sandboxKeep'>,
  ) {}

  async insert(mail: CaughtMail): Promise<void> {
    const { tenantId, messageId, n, envelopeFrom, envelopeTo, raw } = mail;
    const values = [tenantId, newUuidV7(), messageId, n, envelopeFrom, envelopeTo, raw];
    await this.pools.main.query(INSERT, values);
    await this.trimNowAndThen(tenantId);
  }

  /** Newest first. */
  async list(tenantId: string, messageId: string | undefined, limit: number): Promise<SandboxMailRow[]> {
    const { rows } = await this.pools.main.query<SandboxMailRow>(LIST, [tenantId, messageId ?? null, limit]);
    return rows;
  }

  /** Whole mails by id. */
  async raws(tenantId: string, ids: readonly string[]): Promise<ReadonlyMap<string, Buffer>> {
    const { rows } = await this.pools.main.query<{ id: string; raw: Buffer }>(RAW, [tenantId, ids]);
    return new Map(rows.map((row) => [row.id, row.raw]));
  }

  /** Every tenth of what is kept: at most that many more than the limit are there at any time. */
  private async trimNowAndThen(tenantId: string): Promise<void> {
    const inserted = (this.sinceTrim.get(tenantId) ?? Infinity) + 1;
    const due = inserted >= this.config.sandboxKeep / 10;
    this.sinceTrim.set(tenantId, due ? 0 : inserted);
    if (due) await this.pools.main.query(TRIM, [tenantId, this.config.sandboxKeep]);
  }
}
