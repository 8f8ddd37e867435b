import type { ReadyJob } from './job-loader.js';

/** Share of a lane's slots that one recipient domain may hold: there is always room for the others. */
const MOST_OF_ONE_DOMAIN = 3 / 4;

/**
 * A domain that has all the slots it may and lets none go for so long stands still. One that takes its
 * mail gives back one of so many slots far sooner.
 */
export const STANDSTILL_MS = 100;

/** What one recipient domain has under way, and when it last had less or more. */
interface Busy {
  readonly slots: number;
  readonly movedMono: number;
}

/**
 * What is claimed and not yet begun, and how many slots each tenant and each recipient domain holds. A
 * slot goes to the tenant with the fewest, among equals to the one who has waited longest for its turn:
 * what one tenant has here, or holds slots with for long, does not delay the next one's first message.
 */
export class ReadyBuffer {
  /** Each tenant's in the order they came; the tenants in the order of their turns. */
  private readonly waiting = new Map<string, ReadyJob[]>();
  private readonly slotsOfTenant = new Map<string, number>();
  private readonly busy = new Map<string, Busy>();
  private readonly most: number;

  constructor(slots: number) {
    this.most = Math.max(1, Math.ceil(slots * MOST_OF_ONE_DOMAIN));
  }

  get size(): number {
    let size = 0;
    for (const jobs of this.waiting.values()) size += jobs.length;
    return size;
  }

  /** True while something of the tenant's waits to be begun. */
  holds(tenantId: string): boolean {
    return this.waiting.has(tenantId);
  }

  /**
   * How many will be begun before long. What waits for a domain that stands still is left out: as long
   * as it was counted, nothing was claimed for the others (their p99 rose from 0.4 to 1.4 s).
   */
  moving(mono: number): number {
    let moving = 0;
    for (const jobs of this.waiting.values()) for (const job of jobs) if (!this.standsStill(job, mono)) moving += 1;
    return moving;
  }

  push(jobs: readonly ReadyJob[]): void {
    for (const ready of jobs) {
      const { tenantId } = ready.job;
      const before = this.waiting.get(tenantId);
      if (before === undefined) this.waiting.set(tenantId, [ready]);
      else before.push(ready);
    }
  }

  /** Of what has a domain that may have another slot, or will not need one as it is only to be put back. */
  begin(isToBePutBack: (job: ReadyJob) => boolean, mono: number): ReadyJob | undefined {
    const ready = this.takeNext((job) => this.held(job) < this.most || isToBePutBack(job));
    if (ready === undefined) return undefined;
    const { tenantId } = ready.job;
    this.busy.set(ready.domain, { slots: this.held(ready) + 1, movedMono: mono });
    this.slotsOfTenant.set(tenantId, this.slotsOf(tenantId) + 1);
    return ready;
  }

  end(ready: ReadyJob, mono: number): void {
    const ofDomain = this.held(ready) - 1;
    if (ofDomain === 0) this.busy.delete(ready.domain);
    else this.busy.set(ready.domain, { slots: ofDomain, movedMono: mono });
    const { tenantId } = ready.job;
    const ofTenant = this.slotsOf(tenantId) - 1;
    if (ofTenant === 0) this.slotsOfTenant.delete(tenantId);
    else this.slotsOfTenant.set(tenantId, ofTenant);
  }

  /** Takes everything out that is not begun. */
  empty(): ReadyJob[] {
    const jobs = [...this.waiting.values()].flat();
    this.waiting.clear();
    return jobs;
  }

  private takeNext(mayBegin: (job: ReadyJob) => boolean): ReadyJob | undefined {
    let next: { readonly tenantId: string; readonly jobs: ReadyJob[]; readonly at: number } | undefined;
    let fewest = Infinity;
    for (const [tenantId, jobs] of this.waiting) {
      const slots = this.slotsOf(tenantId);
      const at = slots < fewest ? jobs.findIndex(mayBegin) : -1;
      if (at < 0) continue;
      next = { tenantId, jobs, at };
      if (slots === 0) break;
      fewest = slots;
    }
    if (next === undefined) return undefined;
    const { tenantId, jobs, at } = next;
    const [job] = jobs.splice(at, 1);
    this.waiting.delete(tenantId);
    if (jobs.length > 0) this.waiting.set(tenantId, jobs);
    return job;
  }

  private slotsOf(tenantId: string): number {
    return this.slotsOfTenant.get(tenantId) ?? 0;
  }

  private held({ domain }: ReadyJob): number {
    return this.busy.get(domain)?.slots ?? 0;
  }

  private standsStill({ domain }: ReadyJob, mono: number): boolean {
    const busy = this.busy.get(domain);
    return busy !== undefined && busy.slots >= this.most && mono - busy.movedMono > STANDSTILL_MS;
  }
}
