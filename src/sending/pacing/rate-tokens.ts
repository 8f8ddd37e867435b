import { Injectable } from '@nestjs/common';
import { Pools } from '../../database/pools.js';
import { LANES, type Lane } from '../../domain/lane.js';
import { RESERVED } from './lane-reserve.js';
import { TAKE_TOKENS } from './rate-bucket.sql.js';

/** A limit on messages a second. */
export interface RateLimit {
  readonly key: string;
  readonly perSecond: number;
  /** Messages that may go at once after a pause. */
  readonly burst: number;
}

/** 0: taken. Else how long until there could be a token. */
export interface Taken {
  readonly waitMs: number;
}

/** Tokens are taken for this long in advance, to share the write; what is not used by then is lost. */
const BLOCK_MS = 100;
const KEPT_MS = 1000;
const SWEEP_EVERY_MS = 60_000;

interface Block {
  tokens: number;
  readonly untilMono: number;
}

interface Waiter {
  readonly resolve: (taken: Taken) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * How far a lane may run ahead, in tokens. Where the burst is too small to be divided, a lane may
 * borrow from the future instead: one token for OTP, so that it goes next however many others wait.
 */
function windowOf(lane: Lane, burst: number): number {
  const borrowed = (LANES.length - 1 - LANES.indexOf(lane)) / (LANES.length - 1);
  return Math.max(burst * (1 - RESERVED[lane]), 1 + borrowed);
}

/** Hands out the tokens of rates that all replicas share. */
@Injectable()
export class RateTokens {
  private readonly blocks = new Map<string, Block>();
  private readonly asking = new Map<string, Waiter[]>();

  private sweptMono = 0;

  constructor(private readonly pools: Pools) {}

  take(limit: RateLimit, lane: Lane): Taken | Promise<Taken> {
    const key = `${limit.key}#${lane}`;
    const block = this.blocks.get(key);
    if (block !== undefined && block.tokens > 0 && performance.now() < block.untilMono) {
      block.tokens -= 1;
      return { waitMs: 0 };
    }
    return new Promise((resolve, reject) => {
      const waiting = this.asking.get(key);
      if (waiting !== undefined) waiting.push({ resolve, reject });
      else {
        this.asking.set(key, [{ resolve, reject }]);
        queueMicrotask(() => void this.ask(key, limit, lane));
      }
    });
  }

  /** Each site has a key of its own. */
  private sweep(mono: number): void {
    if (mono - this.sweptMono < SWEEP_EVERY_MS) return;
    this.sweptMono = mono;
    for (const [key, { untilMono }] of this.blocks) if (untilMono <= mono) this.blocks.delete(key);
  }

  private async ask(key: string, { key: bucket, perSecond, burst }: RateLimit, lane: Lane): Promise<void> {
    const waiters = this.asking.get(key) ?? [];
    try {
      const wanted = Math.max(waiters.length, Math.ceil((perSecond * BLOCK_MS) / 1000));
      const values = [bucket, wanted, 1 / perSecond, windowOf(lane, burst)];
      const { rows } = await this.pools.queue.query<{ granted: number; ahead: number }>({
        name: 'take_tokens',
        text: TAKE_TOKENS,
        values,
      });
      const { granted = 0, ahead = 0 } = rows[0] ?? {};
      this.asking.delete(key);
      const served = waiters.slice(0, granted);
      for (const { resolve } of served) resolve({ waitMs: 0 });
      this.sweep(performance.now());
      this.blocks.set(key, { tokens: granted - served.length, untilMono: performance.now() + KEPT_MS });
      const leadMs = ahead * 1000 - (windowOf(lane, burst) * 1000) / perSecond;
      waiters.slice(granted).forEach(({ resolve }, index) => {
        resolve({ waitMs: Math.max(1, Math.ceil(leadMs + ((index + 1) * 1000) / perSecond)) });
      });
    } catch (error) {
      this.asking.delete(key);
      for (const { reject } of waiters) reject(error);
    }
  }
}
