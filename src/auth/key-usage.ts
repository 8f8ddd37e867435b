import { Injectable, Logger, type OnApplicationShutdown, type OnModuleDestroy } from '@nestjs/common';
import { Pools } from '../database/pools.js';
import type { Principal } from '../domain/principal.js';
import { ApiKeyRepository } from './api-key.repository.js';

/** A key in use is written down at most this often. */
const EVERY_MS = 60_000;
/** Keys first seen within this time share one statement. */
const COLLECT_MS = 1000;

/** Keeps last_used_at: nice to have, so it never delays or fails a request. */
@Injectable()
export class KeyUsage implements OnModuleDestroy, OnApplicationShutdown {
  private readonly logger = new Logger(KeyUsage.name);
  private readonly writtenAt = new Map<string, number>();
  private pending = new Map<string, Principal>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly repository: ApiKeyRepository,
    private readonly pools: Pools,
  ) {}

  touch(principal: Principal): void {
    const now = performance.now();
    const last = this.writtenAt.get(principal.keyId);
    if (last !== undefined && now - last < EVERY_MS) return;
    this.writtenAt.set(principal.keyId, now);
    this.pending.set(principal.keyId, principal);
    this.timer ??= setTimeout(() => void this.flush(), COLLECT_MS).unref();
  }

  /** While the pools are still open. */
  async onModuleDestroy(): Promise<void> {
    await this.flush();
  }

  onApplicationShutdown(): void {
    clearTimeout(this.timer);
  }

  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const used = [...this.pending.values()];
    this.pending = new Map();
    this.forgetIdle();
    if (used.length === 0) return;
    try {
      await this.repository.markUsed(this.pools.main, used);
    } catch (error) {
      this.logger.warn({ msg: 'use of keys not recorded', keys: used.length, err: error });
    }
  }

  private forgetIdle(): void {
    const now = performance.now();
    for (const [keyId, at] of this.writtenAt) if (now - at >= EVERY_MS) this.writtenAt.delete(keyId);
  }
}
