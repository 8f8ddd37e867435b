import { Injectable } from '@nestjs/common';
import { Pools } from '../../database/pools.js';
import type { Lane } from '../../domain/lane.js';
import { TAKE_OF_DAY } from './daily-quota.sql.js';
import { RESERVED } from './lane-reserve.js';
import type { Taken } from './rate-tokens.js';

/** A block is a hundredth of what there is, so that a write serves many messages and little is lost with a worker. */
const BLOCK_SHARE = 0.01;
const MOST_AT_ONCE = 100;

/** That nothing is left is looked at again after this time, whoever else has given something back. */
const LOOK_AGAIN_MS = 900_000;

interface Block {
  tokens: number;
  readonly untilMono: number;
}

/** Messages a day that a provider takes, over all replicas; the lanes above keep a part for themselves. */
@Injectable()
export class DailyQuota {
  private readonly blocks = new Map<string, Block>();
  private readonly asking = new Map<string, Promise<Block>>();

  constructor(private readonly pools: Pools) {}

  take(provider: string, perDay: number, lane: Lane): Taken | Promise<Taken> {
    // A quota that is raised holds at once.
    const key = `${provider}#${lane}#${perDay}`;
    const block = this.blocks.get(key);
    if (block === undefined || performance.now() >= block.untilMono) return this.takeNew(key, provider, perDay, lane);
    if (block.tokens < 1) return { waitMs: Math.ceil(block.untilMono - performance.now()) };
    block.tokens -= 1;
    return block.tokens === 0 ? this.spent(key) : { waitMs: 0 };
  }

  /** The last of a block goes; the next one asks for another. */
  private spent(key: string): Taken {
    this.blocks.delete(key);
    return { waitMs: 0 };
  }

  private async takeNew(key: string, provider: string, perDay: number, lane: Lane): Promise<Taken> {
    const asked = this.asking.get(key) ?? this.ask(key, provider, perDay, lane);
    this.asking.set(key, asked);
    await asked;
    return this.take(provider, perDay, lane);
  }

  /** Nothing left is remembered too. */
  private async ask(key: string, provider: string, perDay: number, lane: Lane): Promise<Block> {
    try {
      const most = Math.floor(perDay * (1 - RESERVED[lane]));
      const wanted = Math.max(1, Math.min(MOST_AT_ONCE, Math.floor(perDay * BLOCK_SHARE)));
      const { rows } = await this.pools.queue.query<{ granted: number; leftMs: number }>({
        name: 'take_of_day',
        text: TAKE_OF_DAY,
        values: [provider, wanted, most],
      });
      const { granted = 0, leftMs = 0 } = rows[0] ?? {};
      const keptMs = granted > 0 ? leftMs : Math.min(leftMs, LOOK_AGAIN_MS);
      const block = { tokens: granted, untilMono: performance.now() + keptMs };
      this.blocks.set(key, block);
      return block;
    } finally {
      this.asking.delete(key);
    }
  }
}
