import type { Lane } from '../../domain/lane.js';

/** One recipient's job while this process holds its lease. */
export interface ClaimedJob {
  readonly tenantId: string;
  readonly messageId: string;
  readonly n: number;
  readonly lane: Lane;
  /** The fence: every later write names it, so a worker that lost its lease writes nothing. */
  readonly lease: string;
  /** Number of the next attempt, from 1; counted at the claim, so a crash counts too. */
  readonly attempt: number;
  /** Claims in a row before this one that ended without an outcome. */
  readonly lost: number;
  /** Retries waited for so far: the position in the lane's schedule. An attempt through a second provider is no step of it. */
  readonly deferrals: number;
  /** The only provider that may be asked: it alone can tell whether it has the mail already. */
  readonly provider: string | undefined;
  /** Since when every look has found its way shut, by the database's clock. */
  readonly parkedSince: Date | undefined;
  readonly expired: boolean;
  readonly expiresAt: Date | undefined;
  /** Database time of the claim and this process's monotonic time of it, in milliseconds. */
  readonly claimedAt: Date;
  readonly claimedMono: number;
  /** Monotonic time at which the lease was last known to be ours. */
  leaseConfirmedMono: number;
}

/** The key a job is known by inside this process. */
export function jobKey(job: Pick<ClaimedJob, 'tenantId' | 'messageId' | 'n'>): string {
  return `${job.tenantId}.${job.messageId}.${job.n}`;
}

/** The database's time now, seen from a job: its claim plus monotonic time passed. No local clock. */
export function databaseTime(job: Pick<ClaimedJob, 'claimedAt' | 'claimedMono'>, mono: number): Date {
  return new Date(job.claimedAt.getTime() + (mono - job.claimedMono));
}
