import type { Lane } from '../../domain/lane.js';
import { RESERVED } from './lane-reserve.js';

/** A message under way. */
export interface Passage {
  readonly provider: string;
  readonly site: string;
  /** The recipient's, which may be one of many behind the site. */
  readonly domain: string;
  readonly lane: Lane;
  readonly beganMono: number;
}

/** A way taken for longer than this is slow; what answers well does so within half of it. */
const SLOW_MS = 1000;

/** Share of a lane's slots that one site may hold with slow messages: the others have the rest. */
const MOST_SLOW = 1 / 4;

/** Of a limit on connections, how many the lane may use. */
export function laneShare(limit: number, lane: Lane): number {
  return limit < 1 ? 0 : Math.max(1, Math.ceil(limit * (1 - RESERVED[lane])));
}

/** Counts the messages this process has under way, by provider, by site and by recipient domain. */
export class Bulkhead {
  private readonly providers = new Map<string, number>();
  private readonly sites = new Passages();
  private readonly domains = new Passages();

  provider(name: string): number {
    return this.providers.get(name) ?? 0;
  }

  site(provider: string, site: string): number {
    return this.sites.count(siteKey({ provider, site }));
  }

  /** True when the site holds so many slots of the lane, and for so long, that another would be one too many. */
  isSiteClogged(way: Pick<Passage, 'provider' | 'site' | 'lane'>, slots: number, mono: number): boolean {
    return this.sites.slow(siteKey(way), way.lane, mono) >= mostSlow(slots);
  }

  isDomainClogged(lane: Lane, domain: string, slots: number, mono: number): boolean {
    return this.domains.slow(domain, lane, mono) >= mostSlow(slots);
  }

  enter(passage: Passage): void {
    this.providers.set(passage.provider, this.provider(passage.provider) + 1);
    this.sites.add(siteKey(passage), passage);
    this.domains.add(passage.domain, passage);
  }

  leave(passage: Passage): void {
    this.providers.set(passage.provider, this.provider(passage.provider) - 1);
    this.sites.remove(siteKey(passage), passage);
    this.domains.remove(passage.domain, passage);
  }
}

/** Messages under way by some name, each in the order of their beginning. */
class Passages {
  private readonly byName = new Map<string, Set<Passage>>();

  count(name: string): number {
    return this.byName.get(name)?.size ?? 0;
  }

  slow(name: string, lane: Lane, mono: number): number {
    let slow = 0;
    for (const passage of this.byName.get(name) ?? []) {
      if (mono - passage.beganMono < SLOW_MS) break;
      if (passage.lane === lane) slow += 1;
    }
    return slow;
  }

  add(name: string, passage: Passage): void {
    const inside = this.byName.get(name) ?? new Set();
    this.byName.set(name, inside.add(passage));
  }

  remove(name: string, passage: Passage): void {
    const inside = this.byName.get(name);
    inside?.delete(passage);
    if (inside?.size === 0) this.byName.delete(name);
  }
}

function mostSlow(slots: number): number {
  return Math.max(1, Math.floor(slots * MOST_SLOW));
}

function siteKey({ provider, site }: Pick<Passage, 'provider' | 'site'>): string {
  return `${provider}/${site}`;
}
