import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import type { Lane } from '../../domain/lane.js';
import { type PaceState, currentRate, isProbeDue } from '../../domain/pace.js';
import type { StoredWaiting } from '../../domain/waiting-for.js';
import type { Passage } from './bulkhead.js';
import { Connections, type IdleWay } from './connections.js';
import { LiveWorkers } from './live-workers.js';
import { type PaceKey, laneKey, paceKeyText, siteKey } from './pace-key.js';
import { PaceLearner, type PassageResult } from './pace-learner.js';
import { Paces } from './paces.js';
import { ParkClock } from './park-clock.js';
import { ProviderQuotas } from './provider-quotas.js';
import { type RateLimit, RateTokens } from './rate-tokens.js';
import type { Refusal, Way, WayLimits } from './way.js';

/** Go, and tell how it went. */
export interface Permit {
  done(result: PassageResult): void;
}

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
  private readonly parked = new ParkClock();
  private readonly connections: Connections;

  constructor(
    private readonly paces: Paces,
    private readonly tokens: RateTokens,
    private readonly quotas: ProviderQuotas,
    private readonly workers: LiveWorkers,
    private readonly learner: PaceLearner,
    @Inject(CONFIG) config: Pick<Config, 'slotsOtp' | 'slotsTransactional' | 'slotsNotification' | 'slotsBulk'>,
  ) {
    const { slotsOtp, slotsTransactional, slotsNotification, slotsBulk } = config;
    const slots = {
      OTP: slotsOtp,
      TRANSACTIONAL: slotsTransactional,
      NOTIFICATION: slotsNotification,
      BULK: slotsBulk,
    };
    this.connections = new Connections(paces, workers, learner, slots);
  }

  /** Another message for the domain would only be put back, whichever way it takes. */
  isClogged(lane: Lane, domain: string): boolean {
    return this.connections.isDomainClogged(lane, domain);
  }

  /** For how much longer the lane should be left to the other workers; 0 or less when it need not. */
  standsBackMs(lane: Lane): number {
    return this.connections.standsBackMs(lane);
  }

  /** Ways that could take more than comes: mail that was put back for want of a connection can go. */
  idleWays(): IdleWay[] {
    return this.connections.idle();
  }

  /** Nothing waits for the way any more. */
  calledBack({ name }: IdleWay): void {
    this.connections.calledBack(name);
  }

  admit(way: Way): Permit | Refusal | Promise<Permit | Refusal> {
    const refusal = this.closedTo(way);
    if (refusal !== undefined) return refusal;
    const entered = this.connections.enter(way);
    return entered instanceof Promise ? this.admitLater(way, entered) : this.admitEntered(way, entered);
  }

  private async admitLater(way: Way, entering: Promise<Passage | Refusal>): Promise<Permit | Refusal> {
    const entered = await entering;
    const refusal = 'waitMs' in entered ? entered : this.closedTo(way);
    if (refusal === undefined) return this.admitEntered(way, entered);
    if (!('waitMs' in entered)) this.connections.leave(entered);
    return refusal;
  }

  private admitEntered(way: Way, passage: Passage | Refusal): Permit | Refusal | Promise<Permit | Refusal> {
    if ('waitMs' in passage) return passage;
    const limits = this.rateLimits(way);
    const { perDay } = this.quotas.of(way.provider, way.limits);
    const site = this.paces.state(siteKey(way));
    if (limits.length === 0 && perDay === undefined && site.kind === 'FLOWING') return this.permit(way, passage);
    return this.admitSlowly(way, passage, { limits, perDay }, site).catch((error: unknown) => {
      this.connections.leave(passage);
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
      this.connections.slowed(way);
      this.connections.leave(passage);
      const perSecond = limit.perSecond / this.workers.count;
      return this.park(way.lane, limit.waitingFor, limit.on, { perSecond, leastMs: waitMs });
    }
    if (perDay !== undefined) {
      const { waitMs } = await this.quotas.takeOfDay(way.provider, perDay, way.lane);
      if (waitMs > 0) {
        this.connections.slowed(way, waitMs);
        this.connections.leave(passage);
        return { waitingFor: 'RATE_LIMIT', on: way.provider, waitMs };
      }
    }
    // Of all messages for a site that is shut, one of one replica finds out whether it still is.
    if (site.kind !== 'FLOWING' && !(await this.paces.takeProbe(siteKey(way)))) {
      this.connections.leave(passage);
      return this.shut(way.lane, 'SITE', way.site, { perSecond: 1, leastMs: this.untilProbe(site) });
    }
    return this.permit(way, passage);
  }

  /** The way is shut, and it is not time to look; or the site is so slow that it has more than its part of the slots. */
  private closedTo(way: Way): Refusal | undefined {
    const provider = this.paces.state(laneKey(way));
    if (provider.kind !== 'FLOWING') {
      const pace = { perSecond: this.speed(laneKey(way)), leastMs: this.untilProbe(provider) };
      return this.shut(way.lane, 'BREAKER', way.provider, pace);
    }
    const site = this.paces.state(siteKey(way));
    if (site.kind !== 'FLOWING' && !isProbeDue(site, this.paces.nowMs())) {
      return this.shut(way.lane, 'SITE', way.site, { perSecond: 1, leastMs: this.untilProbe(site) });
    }
    if (!this.connections.isSiteClogged(way)) return undefined;
    return this.park(way.lane, 'SITE', way.site, { perSecond: this.speed(siteKey(way)), leastMs: 1000 });
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
        this.connections.leave(passage);
        this.learner.learn(way, result, performance.now() - passage.beganMono);
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
