import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { LANES } from '../../domain/lane.js';
import { isProbeDue } from '../../domain/pace.js';
import { reasonOf } from '../../telemetry/reason-of.js';
import type { ProbeResult, Transport } from '../transports/transport.js';
import { Transports } from '../transports/transports.js';
import { type PaceKey, laneKey } from './pace-key.js';
import { PaceLearner } from './pace-learner.js';
import { Paces } from './paces.js';
import { ProviderQuotas } from './provider-quotas.js';
import { RateTokens } from './rate-tokens.js';

const TICK_MS = 500;
/** A provider that nothing was sent through is looked at so often, by one replica at a time. */
const LOOK_EVERY_MS = 10_000;
/** What works for messages needs no look. */
const TRUSTED_MS = 5000;
/** A look is no mail: what takes so long is as good as away. */
const ANSWER_WITHIN_MS = 8000;
const LATE: ProbeResult = { alive: false, note: 'no answer in time' };
/** One look can fail for reasons of its own. */
const FAILURES_TO_OPEN = 2;

/**
 * Looks whether providers answer, so that one that has died is known before a message pays for it, and
 * one that has come back is found without trying it on mail.
 */
@Injectable()
export class ProviderProber implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(ProviderProber.name);
  private timer: NodeJS.Timeout | undefined;
  private readonly watched = new Map<string, Promise<void>>();
  private readonly stopping = new AbortController();
  private readonly failures = new Map<string, number>();
  private readonly lookedMono = new Map<string, number>();

  constructor(
    private readonly transports: Transports,
    private readonly paces: Paces,
    private readonly learner: PaceLearner,
    private readonly tokens: RateTokens,
    private readonly quotas: ProviderQuotas,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.tick(), TICK_MS);
    this.timer.unref();
  }

  /** A look is given up, so that one that hangs does not keep the service from stopping. */
  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    this.stopping.abort();
    await Promise.all(this.watched.values());
  }

  /** Each by itself: one that hangs does not keep the others from being looked at. */
  private tick(): void {
    for (const transport of this.transports.outward()) {
      if (this.watched.has(transport.name)) continue;
      const watching = this.watchLogged(transport).finally(() => this.watched.delete(transport.name));
      this.watched.set(transport.name, watching);
    }
  }

  private async watchLogged(transport: Transport): Promise<void> {
    try {
      await this.watch(transport);
    } catch (error) {
      const reason = reasonOf(error);
      this.logger.debug({ msg: 'a provider was not looked at', provider: transport.name, reason });
    }
  }

  private async watch(transport: Transport): Promise<void> {
    const keys = LANES.map((lane) => laneKey({ provider: transport.name, lane }));
    const due = keys.filter((key) => isProbeDue(this.paces.state(key), this.paces.nowMs()));
    if (due.length > 0) await this.probeShut(transport, due);
    else if (keys.every((key) => this.paces.state(key).kind === 'FLOWING')) await this.look(transport, keys);
  }

  /** One look serves every lane that is shut; of all replicas one takes each of them. */
  private async probeShut(transport: Transport, keys: readonly PaceKey[]): Promise<void> {
    const mine: PaceKey[] = [];
    for (const key of keys) if (await this.paces.takeProbe(key)) mine.push(key);
    if (mine.length === 0) return;
    const { alive, note } = await this.probe(transport);
    for (const key of mine) await (alive ? this.learner.resume(key, 'It answers.') : this.learner.stop(key, note));
    if (alive) this.failures.delete(transport.name);
  }

  private async look(transport: Transport, keys: readonly PaceKey[]): Promise<void> {
    const mono = performance.now();
    const trusted = keys.some((key) => mono - this.learner.lastWorkedMono(key) < TRUSTED_MS);
    const suspected = (this.failures.get(transport.name) ?? 0) > 0;
    const pause = suspected ? TICK_MS : LOOK_EVERY_MS / 10;
    const looked = this.lookedMono.get(transport.name);
    // Once in any case: some tell the limits of our account.
    if (looked !== undefined && (trusted || mono - looked < pause)) return;
    this.lookedMono.set(transport.name, mono);
    const limit = { key: `probe/${transport.name}`, perSecond: 1000 / LOOK_EVERY_MS, burst: 1 };
    if (looked !== undefined && !suspected && (await this.tokens.take(limit, 'BULK')).waitMs > 0) return;
    const { alive, note } = await this.probe(transport);
    if (alive) return void this.failures.delete(transport.name);
    const failures = (this.failures.get(transport.name) ?? 0) + 1;
    this.failures.set(transport.name, failures);
    if (failures < FAILURES_TO_OPEN) return;
    this.failures.delete(transport.name);
    this.logger.error({ msg: 'a provider does not answer', provider: transport.name, reason: note });
    for (const key of keys) await this.learner.stop(key, note);
  }

  /** A provider that cannot be asked is given the benefit of the doubt: its messages will tell. */
  private async probe(transport: Transport): Promise<ProbeResult> {
    const late = sleep(ANSWER_WITHIN_MS, LATE, { ref: false, signal: this.stopping.signal });
    const result = (await Promise.race([transport.probe(), late])) ?? { alive: true, note: '' };
    if (result.quota !== undefined) this.quotas.tell(transport.name, result.quota);
    return result;
  }
}
