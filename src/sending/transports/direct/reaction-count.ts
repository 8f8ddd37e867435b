import type { SiteReaction } from '../../../domain/site-rules.js';

const HOUR_MS = 60 * 60_000;

/** How often a site has given a reply within the last hour, for those it must give more than once to count. */
export class ReactionCount {
  readonly #seen = new Map<string, number[]>();

  /** Counts one more; returns how many there are. */
  met(site: string, { reply, times = 1 }: SiteReaction): number {
    if (times === 1) return 1;
    const key = `${site} ${reply.source}`;
    const now = performance.now();
    const recent = [...(this.#seen.get(key) ?? []), now].filter((at) => at > now - HOUR_MS).slice(-times);
    this.#seen.set(key, recent);
    return recent.length;
  }
}
