import type { Lane } from '../../domain/lane.js';
import { currentConnections } from '../../domain/pace.js';
import type { StoredWaiting } from '../../domain/waiting-for.js';
import { Bulkhead, type Passage, laneShare } from './bulkhead.js';
import { ConnectionLine } from './connection-line.js';
import type { LiveWorkers } from './live-workers.js';
import { type PaceKey, laneKey, paceKeyText, siteKey } from './pace-key.js';
import type { PaceLearner } from './pace-learner.js';
import type { Paces } from './paces.js';
import { ParkClock } from './park-clock.js';
import { StandingBack } from './standing-back.js';
import type { Refusal, Way } from './way.js';

/** A message keeps its slot for so long while it waits for a connection; what takes longer is put back. */
const WAITS_MS = 250;
/** Share of a lane's slots that may be held so: the others are for other ways. */
const MOST_WAITING = 1 / 2;
/** What is put back comes a little before its turn, so that no connection stands idle. */
const AHEAD = 1.25;
const LEAST_PARKED_MS = 50;
/** At once, that is: to whoever looks next. */
const HANDED_ON_MS = 1;
/** Before anything was measured: what comes back too early is put back again, too late it leaves connections idle. */
const GUESSED_MS = 10;
/** A way whose rate has just refused something is not idle for want of mail. */
const RATE_BUSY_MS = 1000;

/** A limit on connections. */
interface Limit {
  /** For the line in front of it. */
  readonly name: string;
  readonly key: PaceKey;
  readonly waitingFor: StoredWaiting;
  readonly on: string;
  /** Connections the lane may use in this process, and all that are in use. */
  readonly places: number;
  readonly used: number;
}

/** Mail that was put back here because there was no connection for it, and may still be waiting. */
interface Parked {
  readonly way: Way;
  readonly key: PaceKey;
  readonly on: string;
  readonly untilMono: number;
}

/** A way with connections that nobody uses, although mail waits for it. */
export interface IdleWay {
  readonly name: string;
  readonly on: string;
  readonly lane: Lane;
  /** Messages a second that this process could take. */
  readonly perSecond: number;
}

/** Connections that all replicas together may use: who has one, who waits for one, and who comes later. */
export class Connections {
  private readonly bulkhead = new Bulkhead();
  private readonly line = new ConnectionLine();
  private readonly clock = new ParkClock();
  private readonly standingBack = new StandingBack();
  private readonly parked = new Map<string, Parked>();
  /** Until when a rate or a quota takes nothing more, by provider and lane. */
  private readonly slowUntilMono = new Map<string, number>();

  constructor(
    private readonly paces: Paces,
    private readonly workers: LiveWorkers,
    private readonly learner: PaceLearner,
    private readonly slots: Readonly<Record<Lane, number>>,
  ) {}

  isDomainClogged(lane: Lane, domain: string): boolean {
    return this.bulkhead.isDomainClogged(lane, domain, this.slots[lane], performance.now());
  }

  isSiteClogged(way: Way): boolean {
    return this.bulkhead.isSiteClogged(way, this.slots[way.lane], performance.now());
  }

  /** For how much longer this worker should leave the lane to others; 0 or less when it need not. */
  standsBackMs(lane: Lane): number {
    return this.standingBack.ms(lane, performance.now());
  }

  enter(way: Way): Passage | Refusal | Promise<Passage | Refusal> {
    // Whoever waits already goes first.
    const full = this.limits(way).find((limit) => isFull(limit) || this.line.ahead(limit.name, way.lane) > 0);
    if (full === undefined) return this.begin(way);
    if (full.places < 1) return this.handOn(way, full);
    return this.hasToPark(way, full) ? this.park(way, full) : this.waitFor(way, full);
  }

  leave(passage: Passage): void {
    this.bulkhead.leave(passage);
    this.line.freed(providerName(passage));
    this.line.freed(siteName(passage));
  }

  /** A rate or a quota has refused what a connection was free for; a quota does so for a known time. */
  slowed({ provider, lane }: Way, forMs = 0): void {
    this.slowUntilMono.set(`${provider}/${lane}`, performance.now() + Math.max(forMs, RATE_BUSY_MS));
  }

  /** Ways with free connections whose mail this process has put back: turns were given too late, and begin anew. */
  idle(): IdleWay[] {
    const mono = performance.now();
    for (const [name, { untilMono }] of this.parked) if (untilMono < mono) this.parked.delete(name);
    return [...this.parked].flatMap(([name, { way, key, on }]) => {
      const { lane, provider } = way;
      const limits = this.limits(way);
      const isSlow = mono < (this.slowUntilMono.get(`${provider}/${lane}`) ?? -Infinity);
      // Nobody uses them, but nobody may: what was called back would be put back at once, again and again.
      const isShut = [laneKey(way), key].some((one) => this.paces.state(one).kind !== 'FLOWING');
      if (isSlow || isShut) return [];
      if (limits.some((limit) => isFull(limit) || this.line.ahead(limit.name, lane) > 0)) return [];
      this.clock.begin(name);
      return [{ name, on, lane, perSecond: Math.min(...limits.map((limit) => this.perSecond(limit))) }];
    });
  }

  /** Nothing is left of what was put back. */
  calledBack(name: string): void {
    this.parked.delete(name);
  }

  private begin(way: Way): Passage {
    const passage: Passage = { ...way, beganMono: performance.now() };
    this.bulkhead.enter(passage);
    this.standingBack.sent(way.lane);
    return passage;
  }

  private async waitFor(way: Way, full: Limit): Promise<Passage | Refusal> {
    let passage: Passage | undefined;
    let last = full;
    const enter = (): string | undefined => {
      const stillFull = this.limits(way).find(isFull);
      if (stillFull === undefined) passage = this.begin(way);
      else last = stillFull;
      return stillFull?.name;
    };
    await this.line.wait(full.name, way.lane, enter, WAITS_MS);
    return passage ?? this.park(way, last);
  }

  /** Too many wait already, or its turn would not come in time. A code comes first and waits in any case. */
  private hasToPark({ lane }: Way, full: Limit): boolean {
    if (this.line.size(lane) >= Math.max(1, Math.floor(this.slots[lane] * MOST_WAITING))) return true;
    const turn = this.line.ahead(full.name, lane) + 1;
    return lane !== 'OTP' && (turn * 1000) / this.perSecond(full) > WAITS_MS;
  }

  private park(way: Way, { name, waitingFor, on, ...limit }: Limit): Refusal {
    const mono = performance.now();
    const place = `${name} ${way.lane}`;
    const pace = { perSecond: this.perSecond(limit) * AHEAD, leastMs: LEAST_PARKED_MS };
    const turnMs = (): number => this.clock.turn(place, way.lane, pace, mono, Math.random());
    const waitMs = way.lane === 'OTP' ? LEAST_PARKED_MS : turnMs();
    const untilMono = Math.max(this.parked.get(place)?.untilMono ?? 0, mono + waitMs);
    this.parked.set(place, { way, key: limit.key, on, untilMono });
    return { waitingFor, on, waitMs };
  }

  /** All connections are other workers'. */
  private handOn({ lane }: Way, { waitingFor, on }: Limit): Refusal {
    this.standingBack.begin(lane, performance.now());
    return { waitingFor, on, waitMs: HANDED_ON_MS };
  }

  /** The limits there are on its way, and what is used of them. */
  private limits(way: Way): Limit[] {
    const limits: Limit[] = [];
    const { provider, site, lane } = way;
    const { maxConnections } = way.limits;
    if (maxConnections !== undefined) {
      const name = providerName(way);
      const places = laneShare(this.workers.share(maxConnections, name), lane);
      const used = this.bulkhead.provider(provider);
      limits.push({ name, key: laneKey(way), waitingFor: 'RATE_LIMIT', on: provider, places, used });
    }
    const told = currentConnections(this.paces.state(siteKey(way)), this.paces.nowMs());
    const most = Math.min(way.siteLimits.maxConnections ?? Infinity, told ?? Infinity);
    if (most < Infinity) {
      const name = siteName(way);
      const places = this.workers.share(most, name);
      const used = this.bulkhead.site(provider, site);
      limits.push({ name, key: siteKey(way), waitingFor: 'SITE', on: site, places, used });
    }
    return limits;
  }

  /** What the connections can do, however much has gone over them. */
  private perSecond({ places, key }: Pick<Limit, 'places' | 'key'>): number {
    return (places * 1000) / (this.learner.meanMs(key) ?? GUESSED_MS);
  }
}

function isFull({ used, places }: Limit): boolean {
  return used >= places;
}

function providerName({ provider }: Pick<Way, 'provider'>): string {
  return `connections/${provider}`;
}

function siteName(way: Pick<Way, 'provider' | 'site'>): string {
  return `connections/${paceKeyText(siteKey(way))}`;
}
