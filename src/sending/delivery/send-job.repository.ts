import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import { Pools } from '../../database/pools.js';
import type { Transaction } from '../../database/transaction.js';
import { type Lane, laneCode } from '../../domain/lane.js';
import { type RecipientStatus, statusCode, statusOf } from '../../domain/recipient-status.js';
import { type StoredWaiting, waitingCode } from '../../domain/waiting-for.js';
import { ACTIVE_TENANTS, CLAIM_JOBS, MOST_LOOKED_AT } from './claim-jobs.sql.js';
import { type ClaimedJob, jobKey } from './claimed-job.js';
import { EXTEND_LEASES, RECALL_JOBS, RELEASE_CLAIM, RELEASE_JOBS, SETTLE_JOBS } from './settle-jobs.sql.js';

interface ActiveTenant {
  readonly tenantId: string;
  /** Milliseconds until its first job is due; zero or less when one is due now. */
  readonly dueInMs: number;
}

interface ClaimRequest {
  readonly lane: Lane;
  readonly tenants: readonly string[];
  /** Per tenant: run_at from which to look, or '-infinity'. */
  readonly watermarks: readonly (Date | '-infinity')[];
  readonly perTenant: number;
  readonly limit: number;
  readonly lease: string;
}

/** What becomes of a job: put back after a delay, or (without one) done. */
export interface JobEnd {
  readonly delayMs: number | undefined;
  /** Attempts made so far; without it, this claim's counts. */
  readonly attempts?: number | undefined;
  readonly deferrals?: number | undefined;
  readonly waitingFor?: StoredWaiting | undefined;
  /** The provider or site it waits for. */
  readonly waitingOn?: string | undefined;
  /** The only provider that may be asked next. */
  readonly provider?: string | undefined;
  /** Put back because its way is shut: how long that lasts is counted. */
  readonly isShut?: boolean;
}

/** Whom a job is for, and how that one stands. */
interface JobRecipient {
  readonly address: string;
  readonly status: RecipientStatus;
}

/** A claim that may have been made, although no answer came. */
export interface UnansweredClaim {
  readonly tenants: readonly string[];
  readonly lease: string;
  /** This process's monotonic time when it was asked for. */
  readonly askedMono: number;
}

interface ClaimRow {
  tenant_id: string;
  message_id: string;
  n: number;
  attempt: number;
  lost: number;
  deferrals: number;
  provider: string | null;
  parked_since: Date | null;
  expires_at: Date | null;
  expired: boolean;
  claimed_at: Date;
  last_run_at: Date;
}

interface KeyRow {
  tenant_id: string;
  message_id: string;
  n: number;
}

const JOB_RECIPIENTS = `
select r.tenant_id, r.message_id, r.n, r.address, r.status
  from unnest($1::uuid[], $2::uuid[], $3::int[]) as i(tenant_id, message_id, n)
  join recipient r on r.tenant_id = i.tenant_id and r.message_id = i.message_id and r.n = i.n`;

/** What it says about whom they wait for where they wait for a route. */
export const ANY_ROUTE = '';

const MESSAGES_PUT_ASIDE = `
select i.tenant_id, i.message_id, i.n
  from unnest($1::uuid[], $2::uuid[], $3::int[]) as i(tenant_id, message_id, n)
 where exists (select from recipient r
                where r.tenant_id = i.tenant_id and r.message_id = i.message_id and r.status = $4)`;

/** The database's clock and ours run apart by much less than this in the course of a lease. */
const CLOCK_SLACK_MS = 1000;

type JobHandle = Pick<ClaimedJob, 'tenantId' | 'messageId' | 'n' | 'lease'>;

const keyOf = (row: KeyRow): string => jobKey({ tenantId: row.tenant_id, messageId: row.message_id, n: row.n });

const columns = (jobs: readonly JobHandle[]): unknown[] => [
  jobs.map((job) => job.tenantId),
  jobs.map((job) => job.messageId),
  jobs.map((job) => job.n),
  jobs.map((job) => job.lease),
];

/** All SQL on the queue of due work, except the insert that accepting a message does itself. */
@Injectable()
export class SendJobRepository {
  constructor(
    private readonly pools: Pools,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Those behind the given one, in order; `last` when there are more than could be looked at. */
  async activeTenants(lane: Lane, behind: string): Promise<{ tenants: ActiveTenant[]; last: string | undefined }> {
    const { rows } = await this.pools.queue.query<{ tenant_id: string; due_in_ms: number }>({
      name: 'active_tenants',
      text: ACTIVE_TENANTS,
      values: [laneCode(lane), behind, MOST_LOOKED_AT],
    });
    const tenants = rows.map((row) => ({ tenantId: row.tenant_id, dueInMs: row.due_in_ms }));
    return { tenants, last: rows.length < MOST_LOOKED_AT ? undefined : rows.at(-1)?.tenant_id };
  }

  async claim(request: ClaimRequest): Promise<{ jobs: ClaimedJob[]; lastRunAt: Date | undefined }> {
    // The lease begins before the answer is read: a process may stand still in between.
    const mono = performance.now();
    const { rows } = await this.pools.queue.query<ClaimRow>({
      name: 'claim_jobs',
      text: CLAIM_JOBS,
      values: [
        laneCode(request.lane),
        request.tenants,
        request.watermarks,
        request.perTenant,
        request.limit,
        this.config.leaseMs,
        request.lease,
      ],
    });
    const jobs = rows.map((row): ClaimedJob => ({
      tenantId: row.tenant_id,
      messageId: row.message_id,
      n: row.n,
      lane: request.lane,
      lease: request.lease,
      attempt: row.attempt,
      lost: row.lost,
      deferrals: row.deferrals,
      provider: row.provider ?? undefined,
      parkedSince: row.parked_since ?? undefined,
      expired: row.expired,
      expiresAt: row.expires_at ?? undefined,
      claimedAt: row.claimed_at,
      claimedMono: mono,
      leaseConfirmedMono: mono,
    }));
    return { jobs, lastRunAt: rows[0]?.last_run_at };
  }

  /** Ends jobs (see SETTLE_JOBS); the keys of those that were still ours. */
  async settle(tx: Transaction, ends: readonly { job: ClaimedJob; settlement: JobEnd }[]): Promise<Set<string>> {
    const column = <T>(pick: (end: JobEnd, job: ClaimedJob) => T): T[] =>
      ends.map(({ job, settlement }) => pick(settlement, job));
    const values = [
      ...columns(ends.map((end) => end.job)),
      column((end) => end.delayMs ?? null),
      column((end, job) => end.attempts ?? job.attempt),
      column((end, job) => end.deferrals ?? job.deferrals),
      column((end) => (end.waitingFor === undefined ? null : waitingCode(end.waitingFor))),
      column((end) => end.waitingOn ?? null),
      column((end) => end.provider ?? null),
      column((end) => end.isShut === true),
    ];
    const { rows } = await tx.query<KeyRow>({ name: 'settle_jobs', text: SETTLE_JOBS, values });
    return new Set(rows.map(keyOf));
  }

  /** Calls back up to so many jobs that wait for the provider or site; how many there were. */
  async recall(lane: Lane, on: string, most: number): Promise<number> {
    const values = [laneCode(lane), on, most];
    const { rowCount } = await this.pools.queue.query({ name: 'recall_jobs', text: RECALL_JOBS, values });
    return rowCount ?? 0;
  }

  /** Extends leases; the keys of those that were still ours. */
  async extend(jobs: readonly JobHandle[]): Promise<Set<string>> {
    const { rows } = await this.pools.queue.query<KeyRow>(EXTEND_LEASES, [...columns(jobs), this.config.leaseMs]);
    return new Set(rows.map(keyOf));
  }

  /** Gives back jobs that were not started, due now or a little later. */
  async release(jobs: readonly JobHandle[], delayMs = 0): Promise<void> {
    if (jobs.length > 0) await this.pools.queue.query(RELEASE_JOBS, [...columns(jobs), delayMs]);
  }

  /** Of the jobs those whose message was put aside for another recipient. */
  async putAside(jobs: readonly JobHandle[]): Promise<Set<string>> {
    const { rows } = await this.pools.queue.query<KeyRow>(MESSAGES_PUT_ASIDE, [
      ...columns(jobs).slice(0, 3),
      statusCode('HELD'),
    ]);
    return new Set(rows.map(keyOf));
  }

  /** Gives back what a claim took whose answer never came. */
  async releaseClaim(lane: Lane, { tenants, lease, askedMono }: UnansweredClaim): Promise<void> {
    const earliestEndMs = this.config.leaseMs - (performance.now() - askedMono) - CLOCK_SLACK_MS;
    await this.pools.queue.query(RELEASE_CLAIM, [laneCode(lane), tenants, lease, earliestEndMs]);
  }

  /** The recipients behind claimed jobs, by job key. */
  async recipients(jobs: readonly JobHandle[]): Promise<Map<string, JobRecipient>> {
    const { rows } = await this.pools.queue.query<KeyRow & { address: string; status: number }>({
      name: 'job_recipients',
      text: JOB_RECIPIENTS,
      values: columns(jobs).slice(0, 3),
    });
    return new Map(rows.map((row) => [keyOf(row), { address: row.address, status: statusOf(row.status) }]));
  }
}
