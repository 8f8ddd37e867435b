import { Injectable, Logger } from '@nestjs/common';
import type { Health } from '../../domain/delivery-health.js';
import type { Lane } from '../../domain/lane.js';
import { LONGEST_PROBE_MS, type PaceState, halved, opened, pushedBack, ramping } from '../../domain/pace.js';
import { reasonOf } from '../../telemetry/reason-of.js';
import { LiveWorkers } from './live-workers.js';
import { OutcomeMeter } from './outcome-meter.js';
import { type PaceKey, laneKey, paceKeyText, siteKey } from './pace-key.js';
import { toldChange } from './pace-change.js';
import { Paces } from './paces.js';

/** How a message fared on its way. */
export interface PassageResult {
  readonly health: Health;
  /** The provider as a whole asks for less, not one destination behind it. */
  readonly aboutProvider: boolean;
  readonly retryAfterMs?: number | undefined;
  readonly perSecond?: number | undefined;
  readonly maxConnections?: number | undefined;
  readonly forMs?: number | undefined;
  /** In a few words, without addresses. */
  readonly note: string;
}

interface Traveller {
  readonly provider: string;
  readonly lane: Lane;
  readonly site: string;
  readonly isDirect: boolean;
}

const FAILURES_TO_OPEN = 5;
const FAILURES_TO_OPEN_SITE = 3;
/** From so large a share of everything on, and for several destinations, it is the provider who pushes back. */
const PROVIDER_SHARE = 0.5;
const METER_KEPT_MS = 600_000;

/** Learns from every message how fast its way may be used, and tells the other replicas when that changes. */
@Injectable()
export class PaceLearner {
  private readonly logger = new Logger(PaceLearner.name);
  private readonly meters = new Map<string, OutcomeMeter>();
  private metersSweptMono = 0;

  constructor(
    private readonly paces: Paces,
    private readonly workers: LiveWorkers,
  ) {}

  /** Returns at once; what it leads to is written in the background. */
  learn(way: Traveller, result: PassageResult, tookMs: number): void {
    this.learnNow(way, result, tookMs).catch((error: unknown) => {
      const reason = reasonOf(error);
      this.logger.warn({ msg: 'a pace was not changed', provider: way.provider, lane: way.lane, reason });
    });
  }

  /** When the way last worked for a message of this process, in monotonic milliseconds. */
  lastWorkedMono(key: PaceKey): number {
    return this.meters.get(paceKeyText(key))?.lastWorkedMono ?? -Infinity;
  }

  /** Messages a second just now, in this process. */
  perSecond(key: PaceKey): number {
    return this.meters.get(paceKeyText(key))?.perSecond(performance.now()) ?? 0;
  }

  /** How long a message holds its connection, of late; undefined where none has gone. */
  meanMs(key: PaceKey): number | undefined {
    return this.meters.get(paceKeyText(key))?.meanMs;
  }

  /** It does not answer: found out by a probe. */
  async stop(key: PaceKey, note: string): Promise<void> {
    const usual = (this.meters.get(paceKeyText(key))?.usualPerSecond(performance.now()) ?? 0) * this.workers.count;
    await this.change(key, note, usual, (state, now) => shut(key, state, now, Math.random()));
  }

  /** It answers again. */
  async resume(key: PaceKey, note: string): Promise<void> {
    await this.paces.change(
      key,
      (pace, now) => (pace.state.kind === 'FLOWING' ? pace : { ...pace, state: ramping(now, pace.usual, pace.state) }),
      toldChange(key, note),
    );
  }

  private async learnNow(way: Traveller, result: PassageResult, tookMs: number): Promise<void> {
    const mono = performance.now();
    const provider = this.meter(laneKey(way), mono);
    const site = this.meter(siteKey(way), mono);
    site.took(tookMs);
    provider.took(tookMs);
    site.note(result.health, mono);
    provider.note(way.isDirect && result.health === 'FAILED' ? 'WORKED' : result.health, mono);
    if (result.health === 'FAILED') {
      if (way.isDirect) await this.failed(siteKey(way), site, FAILURES_TO_OPEN_SITE, result.note);
      else await this.failed(laneKey(way), provider, FAILURES_TO_OPEN, result.note);
    } else if (result.health === 'PUSHED_BACK') {
      provider.pushedBackBy(way.site, mono);
      const whole = result.aboutProvider || (!way.isDirect && isWholeProvider(provider, mono));
      await (whole ? this.slower(laneKey(way), provider, result) : this.slower(siteKey(way), site, result));
    } else if (this.paces.state(siteKey(way)).kind === 'PROBING') {
      await this.resume(siteKey(way), 'A message went through.');
    }
  }

  private async failed(key: PaceKey, meter: OutcomeMeter, most: number, note: string): Promise<void> {
    const state = this.paces.state(key);
    if (state.kind === 'OPEN') return;
    const opens = meter.failuresInARow >= most || state.kind === 'PROBING';
    if (!opens && state.rate === undefined) return;
    const usual = meter.usualPerSecond(performance.now()) * this.workers.count;
    if (opens) this.paces.assume(key, (before, now) => shut(key, before, now, 0.5));
    await this.change(key, note, usual, (before, now) =>
      opens ? shut(key, before, now, Math.random()) : halved(before, now),
    );
  }

  private async slower(key: PaceKey, meter: OutcomeMeter, result: PassageResult): Promise<void> {
    if (this.paces.state(key).kind !== 'FLOWING') return;
    const mono = performance.now();
    const facts = {
      ...meter.pushbacks(mono),
      perSecond: meter.perSecond(mono) * this.workers.count,
      retryAfterMs: result.retryAfterMs,
      toldPerSecond: result.perSecond,
      toldConnections: result.maxConnections,
      forMs: result.forMs,
    };
    await this.change(key, result.note, facts.perSecond, (state, now) => pushedBack(state, now, facts));
  }

  private async change(
    key: PaceKey,
    note: string,
    usual: number,
    step: (state: PaceState, now: number) => PaceState,
  ): Promise<void> {
    await this.paces.change(
      key,
      (pace, now) => {
        const state = step(pace.state, now);
        return state === pace.state ? pace : { state, usual: Math.max(usual, pace.usual) };
      },
      toldChange(key, note),
    );
  }

  private meter(key: PaceKey, mono: number): OutcomeMeter {
    const text = paceKeyText(key);
    const known = this.meters.get(text);
    if (known !== undefined) return known;
    this.sweepMeters(mono);
    const meter = new OutcomeMeter();
    this.meters.set(text, meter);
    return meter;
  }

  private sweepMeters(mono: number): void {
    if (mono - this.metersSweptMono < METER_KEPT_MS / 10) return;
    this.metersSweptMono = mono;
    for (const [key, meter] of this.meters) if (mono - meter.lastUsedMono > METER_KEPT_MS) this.meters.delete(key);
  }
}

function isWholeProvider(meter: OutcomeMeter, mono: number): boolean {
  return meter.pushbacks(mono).share >= PROVIDER_SHARE && meter.sitesThatPushBack(mono) > 1;
}

function shut(key: PaceKey, state: PaceState, nowMs: number, random01: number): PaceState {
  return opened(state, nowMs, random01, 'lane' in key ? LONGEST_PROBE_MS.provider : LONGEST_PROBE_MS.site);
}
