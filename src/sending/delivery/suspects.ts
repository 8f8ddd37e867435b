import { type ClaimedJob, jobKey } from './claimed-job.js';

/** Claims in a row without an outcome after which a job is put aside. */
export const MOST_LOST_CLAIMS = 3;

/** From the second lost claim on it is no coincidence: one of those that were held together ends workers. */
const SUSPECT_AFTER = 2;

/**
 * A message that ends every worker that touches it must not take along what was claimed with it. So
 * those that may be the one go by themselves: one at a time in a process, the others are put back, which
 * does not count against them.
 */
export class Suspects {
  private current: string | undefined;

  /** The jobs that may go now, and those that have to be put back before any of these is begun. */
  part(jobs: readonly ClaimedJob[]): { readonly now: readonly ClaimedJob[]; readonly later: readonly ClaimedJob[] } {
    const later = jobs.filter((job) => !this.mayGo(job));
    return { now: later.length === 0 ? jobs : jobs.filter((job) => !later.includes(job)), later };
  }

  /** It has come to an end, or is given back. */
  clear(job: ClaimedJob): void {
    if (this.current === jobKey(job)) this.current = undefined;
  }

  private mayGo(job: ClaimedJob): boolean {
    if (!isSuspect(job)) return true;
    this.current ??= jobKey(job);
    return this.current === jobKey(job);
  }
}

export function isSuspect({ lost }: Pick<ClaimedJob, 'lost'>): boolean {
  return lost >= SUSPECT_AFTER && lost < MOST_LOST_CLAIMS;
}
