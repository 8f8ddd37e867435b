import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Refresher } from '../../database/refresher.js';
import { Signals } from '../../database/signals.js';
import {
  FLOWING,
  type PaceState,
  currentConnections,
  currentRate,
  isProbeDue,
  isUnlimited,
  probing,
} from '../../domain/pace.js';
import { reasonOf } from '../../telemetry/reason-of.js';
import { type PaceKey, paceKeyText } from './pace-key.js';
import type { PaceChange } from './pace-change.js';
import { PaceRepository, type StoredPace } from './pace.repository.js';

/** The floor under lost signals. */
const REFRESH_MS = 1000;

type Step = (pace: StoredPace, nowMs: number) => StoredPace;
type Told = (before: PaceState, after: PaceState) => PaceChange | undefined;

/**
 * The paces all replicas share, as this process knows them: read from memory before each message,
 * changed in the database. Its clock is the database's, carried on by the monotonic one of ours.
 */
@Injectable()
export class Paces implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(Paces.name);
  private paces = new Map<string, StoredPace>();
  private clock = { databaseMs: Date.now(), mono: performance.now() };
  private readonly refresher: Refresher;
  private failing = false;
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly repository: PaceRepository,
    private readonly signals: Signals,
  ) {
    this.refresher = new Refresher(
      { signals, topic: 'paces', everyMs: REFRESH_MS },
      () => this.read(),
      (error) => this.tellFailing(error),
    );
  }

  async onApplicationBootstrap(): Promise<void> {
    this.refresher.start();
    await this.refresher.refresh();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.refresher.stop();
  }

  /** The database's time in milliseconds since the epoch, as far as it is known here. */
  nowMs(): number {
    return this.clock.databaseMs + (performance.now() - this.clock.mono);
  }

  state(key: PaceKey): PaceState {
    return this.paces.get(paceKeyText(key))?.state ?? FLOWING;
  }

  /** Everything that is not simply open, by the text of its key. */
  all(): ReadonlyMap<string, StoredPace> {
    return this.paces;
  }

  /** Called whenever what is known here has been read again. */
  onRefresh(listener: () => void): void {
    this.listeners.add(listener);
  }

  /** What is about to be written already holds here: a message less finds out the same. */
  assume(key: PaceKey, step: (state: PaceState, nowMs: number) => PaceState): void {
    const text = paceKeyText(key);
    const pace = this.paces.get(text) ?? { state: FLOWING, usual: 0 };
    this.paces.set(text, { ...pace, state: step(pace.state, this.nowMs()) });
  }

  /** One replica after the other; what was decided on a state that is no longer there changes nothing. */
  async change(key: PaceKey, step: Step, told: Told): Promise<{ before: PaceState; after: PaceState }> {
    const text = paceKeyText(key);
    const { before, after } = await this.repository.change(text, step, told);
    if (isUnlimited(after.state)) this.paces.delete(text);
    else this.paces.set(text, after);
    if (before !== after.state) this.signals.publish('paces');
    return { before, after: after.state };
  }

  /** True for the one replica that is to look whether a way that is shut works again. */
  async takeProbe(key: PaceKey): Promise<boolean> {
    let mine = false;
    await this.change(
      key,
      (pace, now) => {
        mine = isProbeDue(pace.state, now);
        return mine ? { ...pace, state: probing(pace.state, now) } : pace;
      },
      () => undefined,
    );
    return mine;
  }

  private async read(): Promise<void> {
    const { paces, nowMs } = await this.repository.load();
    this.clock = { databaseMs: nowMs, mono: performance.now() };
    const over = [...paces].filter(([, { state }]) => isOver(state, nowMs)).map(([key]) => key);
    for (const key of over) paces.delete(key);
    this.paces = paces;
    await this.repository.forget(over);
    this.failing = false;
    for (const listener of this.listeners) listener();
  }

  /** Without the database nothing is claimed either; the last known state goes on. */
  private tellFailing(error: unknown): void {
    if (!this.failing) this.logger.warn({ msg: 'paces not read', reason: reasonOf(error) });
    this.failing = true;
  }
}

function isOver(state: PaceState, nowMs: number): boolean {
  const isLimited = currentRate(state, nowMs) !== undefined || currentConnections(state, nowMs) !== undefined;
  return state.kind === 'FLOWING' && !isLimited;
}
