import type { Health } from '../../domain/delivery-health.js';

const WINDOW_MS = 1000;
const SITES_WINDOW_MS = 10_000;
/** Of the mean that the latest makes up. */
const LATEST = 0.1;

/** What the latest messages on one way met, in this process. */
export class OutcomeMeter {
  /** Failures since it last worked. */
  failuresInARow = 0;
  lastUsedMono = 0;
  lastWorkedMono = -Infinity;
  /** How long a message takes, of late. */
  meanMs: number | undefined;
  private since = 0;
  private counts: Record<Health, number> = { WORKED: 0, FAILED: 0, PUSHED_BACK: 0 };
  private previous: { readonly counts: Record<Health, number>; readonly ms: number } | undefined;
  private best = 0;
  private readonly pushing = new Map<string, number>();

  note(health: Health, mono: number): void {
    this.roll(mono);
    this.lastUsedMono = mono;
    this.counts[health] += 1;
    if (health === 'FAILED') this.failuresInARow += 1;
    if (health !== 'WORKED') return;
    this.failuresInARow = 0;
    this.lastWorkedMono = mono;
  }

  took(ms: number): void {
    this.meanMs = this.meanMs === undefined ? ms : this.meanMs + (ms - this.meanMs) * LATEST;
  }

  pushedBackBy(site: string, mono: number): void {
    this.pushing.set(site, mono);
  }

  /** How many destinations have asked for less in the last seconds. */
  sitesThatPushBack(mono: number): number {
    for (const [site, at] of this.pushing) if (mono - at > SITES_WINDOW_MS) this.pushing.delete(site);
    return this.pushing.size;
  }

  /** Of the latest second or two: how many, and which share asked for less. */
  pushbacks(mono: number): { readonly share: number; readonly samples: number } {
    this.roll(mono);
    const total = (health: Health): number => this.counts[health] + (this.previous?.counts[health] ?? 0);
    const samples = total('WORKED') + total('PUSHED_BACK') + total('FAILED');
    return { share: samples === 0 ? 0 : total('PUSHED_BACK') / samples, samples };
  }

  /** Messages a second just now, whatever became of them. */
  perSecond(mono: number): number {
    this.roll(mono);
    const elapsed = Math.max(1, mono - this.since) + (this.previous?.ms ?? 0);
    const sum = (counts: Record<Health, number>): number => counts.WORKED + counts.FAILED + counts.PUSHED_BACK;
    return ((sum(this.counts) + (this.previous === undefined ? 0 : sum(this.previous.counts))) * 1000) / elapsed;
  }

  /** The most that was taken in a second, of late. */
  usualPerSecond(mono: number): number {
    this.roll(mono);
    return Math.max(this.best, this.counts.WORKED);
  }

  private roll(mono: number): void {
    const elapsed = mono - this.since;
    if (elapsed < WINDOW_MS) return;
    // The best of the past fades by half in a minute, so that a quiet night is not a quiet morning.
    this.best = Math.max((this.counts.WORKED * 1000) / elapsed, this.best * 0.5 ** (elapsed / 60_000));
    this.previous = elapsed < 2 * WINDOW_MS ? { counts: this.counts, ms: elapsed } : undefined;
    this.counts = { WORKED: 0, FAILED: 0, PUSHED_BACK: 0 };
    this.since = mono;
  }
}
