import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import type { Lane } from '../../domain/lane.js';
import { type PaceState, currentConnections, currentRate, isProbeDue } from '../../domain/pace.js';
import type { StoredWaiting } from '../../domain/waiting-for.js';
import { Bulkhead, type Passage, laneShare } from './bulkhead.js';
import { LiveWorkers } from './live-workers.js';
import { type PaceKey, laneKey, paceKeyText, siteKey } from './pace-key.js';
import { PaceLearner, type PassageResult } from './pace-learner.js';
import { Paces } from './paces.js';
import { ParkClock } from './park-clock.js';
import { ProviderQuotas } from './provider-quotas.js';
import { type RateLimit, RateTokens } from './rate-tokens.js';

/** Limits an operator has set, or that a site is known to have. */
interface WayLimits {
  /** Messages at once, all replicas together. */
  readonly maxConnections?: number | undefined;
  readonly perSecond?: number | undefined;
  readonly burst?: number | undefined;
  readonly perDay?: number | undefined;
}

/** The way one message would take. */
export interface Way {
  readonly provider: string;
  readonly lane: Lane;
  readonly limits: WayLimits;
  /** The recipient's domain, or the site it is delivered to. */
  readonly site: string;
  /** The recipient's. */
  readonly domain: string;
  readonly siteLimits: WayLimits;
  /** We are connected to the site itself: its faults are its own, not the provider's. */
  readonly isDirect: boolean;
}

/** Not now. */
export interface Refusal {
  readonly waitingFor: StoredWaiting;
  /** The provider or the site. */
  readonly on: string;
  readonly waitMs: number;
  /** The way is shut, as opposed to taken by others: nobody knows for how long. */
  readonly isShut?: boolean;
}

/** Go, and tell how it went. */
export interface Permit {
  done(result: PassageResult): void;
}

/** A day's quota is spent: it can be raised before the day is over. */
const LOOK_AGAIN_MS = 900_000;

interface NamedLimit extends RateLimit {
  readonly waitingFor: StoredWaiting;
  readonly on: string;
}

/**
 * Says before each message whether its way can take it now, and learns from how it went. Costs nothing
 * but a few look-ups in memory while a way has no limit and no trouble.
 */
@Injectable()
export class Pacer {
  private readonly bulkhead = new Bulkhead();
  private readonly parked = new ParkClock();
  private readonly slots: Readonly<Record<Lane, number>>;

  constructor(
    private readonly paces: Paces,
    private readonly tokens: RateTokens,
    private readonly quotas: ProviderQuotas,
    private readonly workers: LiveWorkers,
    private readonly learner: PaceLearner,
    @Inject(CONFIG) config: Pick<Config, 'slotsOtp' | 'slotsTransactional' | 'slotsNotification' | 'slotsBulk'>,
  ) {
    const { slotsOtp, slotsTransactional, slotsNotification, slotsBulk } = config;
    this.slots = { OTP: slotsOtp, TRANSACTIONAL: slotsTransactional, NOTIFICATION: slotsNotification, BULK: slotsBulk };
  }

  /** Another message for the domain would only be put back, whichever way it takes. */
  isClogged(lane: Lane, domain: string): boolean {
    return this.bulkhead.isDomainClogged(lane, domain, this.slots[lane], performance.now());
  }

  admit(way: Way): Permit | Refusal | Promise<Permit | Refusal> {
    const mono = performance.now();
    const refusal = this.closedTo(way) ?? this.crowded(way, mono);
    if (refusal !== undefined) return refusal;
    const limits = this.rateLimits(way);
    const { perDay } = this.quotas.of(way.provider, way.limits);
    const site = this.paces.state(siteKey(way));
    const passage: Passage = { ...way, beganMono: mono };
    this.bulkhead.enter(passage);
    if (limits.length === 0 && perDay === undefined && site.kind === 'FLOWING') return this.permit(way, passage);
    return this.admitSlowly(way, passage, { limits, perDay }, site).catch((error: unknown) => {
      this.bulkhead.leave(passage);
      throw error;
    });
  }

  private async admitSlowly(
    way: Way,
    passage: Passage,
    { limits, perDay }: { limits: readonly NamedLimit[]; perDay: number | undefined },
    site: PaceState,
  ): Promise<Permit | Refusal> {
    for (const limit of limits) {
      const { waitMs } = await this.tokens.take(limit, way.lane);
      if (waitMs === 0) continue;
      this.bulkhead.leave(passage);
      const perSecond = limit.perSecond / this.workers.count;
      return this.park(way.lane, limit.waitingFor, limit.on, { perSecond, leastMs: waitMs });
    }
    if (perDay !== undefined) {
      const { waitMs } = await this.quotas.takeOfDay(way.provider, perDay, way.lane);
      if (waitMs > 0) {
        this.bulkhead.leave(passage);
        return { waitingFor: 'RATE_LIMIT', on: way.provider, waitMs: Math.min(waitMs, LOOK_AGAIN_MS) };
      }
    }
    // Of all messages for a site that is shut, one of one replica finds out whether it still is.
    if (site.kind !== 'FLOWING' && !(await this.paces.takeProbe(siteKey(way)))) {
      this.bulkhead.leave(passage);
      return this.shut(way.lane, 'SITE', way.site, { perSecond: 1, leastMs: this.untilProbe(site) });
    }
    return this.permit(way, passage);
  }

  /** The way is shut, and it is not time to look. */
  private closedTo(way: Way): Refusal | undefined {
    const provider = this.paces.state(laneKey(way));
    if (provider.kind !== 'FLOWING') {
      const pace = { perSecond: this.speed(laneKey(way)), leastMs: this.untilProbe(provider) };
      return this.shut(way.lane, 'BREAKER', way.provider, pace);
    }
    const site = this.paces.state(siteKey(way));
    if (site.kind === 'FLOWING' || isProbeDue(site, this.paces.nowMs())) return undefined;
    return this.shut(way.lane, 'SITE', way.site, { perSecond: 1, leastMs: this.untilProbe(site) });
  }

  private crowded(way: Way, mono: number): Refusal | undefined {
    const { provider, site, lane, limits, siteLimits } = way;
    const { maxConnections } = limits;
    if (
      maxConnections !== undefined &&
      this.bulkhead.provider(provider) >= laneShare(this.workers.share(maxConnections), lane)
    ) {
      return this.park(lane, 'RATE_LIMIT', provider, { perSecond: this.speed(laneKey(way)), leastMs: 20 });
    }
    const told = currentConnections(this.paces.state(siteKey(way)), this.paces.nowMs());
    const most = Math.min(siteLimits.maxConnections ?? Infinity, told ?? Infinity);
    const full = most < Infinity && this.bulkhead.site(provider, site) >= this.workers.share(most);
    if (!full && !this.bulkhead.isSiteClogged(way, this.slots[lane], mono)) return undefined;
    return this.park(lane, 'SITE', site, { perSecond: this.speed(siteKey(way)), leastMs: full ? 50 : 1000 });
  }

  private rateLimits(way: Way): NamedLimit[] {
    const { provider, site, limits, siteLimits } = way;
    const { perSecond } = this.quotas.of(provider, limits);
    const now = this.paces.nowMs();
    const learnt = (key: PaceKey): WayLimits => ({ perSecond: currentRate(this.paces.state(key), now) });
    return [
      ...limit(`set/site/${provider}/${site}`, siteLimits, 'SITE', site),
      ...limit(paceKeyText(siteKey(way)), learnt(siteKey(way)), 'SITE', site),
      ...limit(paceKeyText(laneKey(way)), learnt(laneKey(way)), 'RATE_LIMIT', provider),
      ...limit(`set/provider/${provider}`, { ...limits, perSecond }, 'RATE_LIMIT', provider),
    ];
  }

  private park(
    lane: Lane,
    waitingFor: StoredWaiting,
    on: string,
    pace: { perSecond: number; leastMs: number },
  ): Refusal {
    const waitMs = this.parked.turn(`${waitingFor}/${on}/${lane}`, lane, pace, performance.now(), Math.random());
    return { waitingFor, on, waitMs };
  }

  private shut(...to: Parameters<Pacer['park']>): Refusal {
    return { ...this.park(...to), isShut: true };
  }

  private permit(way: Way, passage: Passage): Permit {
    return {
      done: (result) => {
        this.bulkhead.leave(passage);
        this.learner.learn(way, result);
      },
    };
  }

  private untilProbe(state: PaceState): number {
    return Math.max(100, (state.untilMs ?? 0) - this.paces.nowMs());
  }

  private speed(key: PaceKey): number {
    return Math.max(0.5, this.learner.perSecond(key));
  }
}

function limit(
  key: string,
  { perSecond, burst }: WayLimits,
  waitingFor: StoredWaiting,
  on: string,
): readonly NamedLimit[] {
  if (perSecond === undefined) return [];
  return [{ key, perSecond, burst: Math.max(1, burst ?? perSecond / 5), waitingFor, on }];
}
