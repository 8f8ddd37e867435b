import type { ReadyJob } from './job-loader.js';

/** Share of a lane's slots that one recipient domain may hold: there is always room for the others. */
const MOST_OF_ONE_DOMAIN = 3 / 4;

/** What is claimed and not yet begun, in order, and how many slots each recipient domain holds. */
export class ReadyBuffer {
  private jobs: ReadyJob[] = [];
  private readonly busy = new Map<string, number>();
  private readonly most: number;

  constructor(slots: number) {
    this.most = Math.max(1, Math.ceil(slots * MOST_OF_ONE_DOMAIN));
  }

  get size(): number {
    return this.jobs.length;
  }

  push(jobs: readonly ReadyJob[]): void {
    this.jobs.push(...jobs);
  }

  /** The first whose domain may have another slot, or that will not need one as it is only to be put back. */
  begin(isToBePutBack: (job: ReadyJob) => boolean): ReadyJob | undefined {
    const at = this.jobs.findIndex((job) => this.held(job) < this.most || isToBePutBack(job));
    const [job] = at < 0 ? [] : this.jobs.splice(at, 1);
    if (job !== undefined) this.busy.set(job.domain, this.held(job) + 1);
    return job;
  }

  end(job: ReadyJob): void {
    const held = this.held(job) - 1;
    if (held === 0) this.busy.delete(job.domain);
    else this.busy.set(job.domain, held);
  }

  /** Takes everything out that is not begun. */
  empty(): ReadyJob[] {
    return this.jobs.splice(0);
  }

  private held({ domain }: ReadyJob): number {
    return this.busy.get(domain) ?? 0;
  }
}
