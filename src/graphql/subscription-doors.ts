import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { PeriodicTask } from '../database/periodic-task.js';
import type { Principal } from '../domain/principal.js';
import { describeFault } from './describe-fault.js';
import { RequestAuthenticator } from './request-authenticator.js';

/** One open WebSocket or event stream. */
export interface OpenDoor {
  readonly principal: Principal;
  /** Tells the client why and lets it go. */
  close(why: 'revoked' | 'shutdown'): void;
  /** Cuts the connection off. */
  terminate(): void;
}

const CHECK_EVERY_MS = 1000;
const LEFTOVERS_AFTER_MS = 2000;

/** Keeps an eye on everybody who is connected for long: keys end while sockets are open. */
@Injectable()
export class SubscriptionDoors implements OnModuleDestroy {
  private readonly logger = new Logger(SubscriptionDoors.name);
  private readonly open = new Set<OpenDoor>();
  private readonly leftLast: (() => void)[] = [];
  private readonly checks = new PeriodicTask(
    CHECK_EVERY_MS,
    () => this.checkKeys(),
    // Not knowing is no reason to send anybody away: the next second asks again.
    (error) => this.logger.warn({ msg: 'keys of open sockets could not be checked', fault: describeFault(error) }),
  );
  private closing: Promise<void> | undefined;

  constructor(private readonly authenticator: RequestAuthenticator) {}

  /** True once nobody new may enter. */
  get isClosing(): boolean {
    return this.closing !== undefined;
  }

  /** Puts a connection under watch; the answer is called when it has ended. */
  enter(door: OpenDoor): () => void {
    this.open.add(door);
    this.checks.start();
    if (this.isClosing) door.close('shutdown');
    return () => this.leave(door);
  }

  /**
   * Sends everybody away with a code to come back on, and settles when the last has left. Called
   * before the HTTP server closes, which would wait for these connections.
   */
  closeAll(): Promise<void> {
    this.closing ??= this.empty();
    return this.closing;
  }

  async onModuleDestroy(): Promise<void> {
    await this.closeAll();
  }

  private async empty(): Promise<void> {
    const checked = this.checks.stop();
    if (this.open.size === 0) return checked;
    const left = new Promise<void>((resolve) => this.leftLast.push(resolve));
    for (const door of this.open) door.close('shutdown');
    const timer = setTimeout(() => {
      for (const door of this.open) door.terminate();
    }, LEFTOVERS_AFTER_MS);
    await left;
    clearTimeout(timer);
    await checked;
  }

  private leave(door: OpenDoor): void {
    this.open.delete(door);
    if (this.open.size > 0) return;
    for (const resolve of this.leftLast.splice(0)) resolve();
    void this.checks.stop();
  }

  /** Asks once per key, however many connections it has. */
  private async checkKeys(): Promise<void> {
    const byKey = Map.groupBy(this.open, (door) => door.principal.keyId);
    for (const doors of byKey.values()) {
      const [first] = doors;
      if (first === undefined || (await this.authenticator.isStillValid(first.principal))) continue;
      for (const door of doors) door.close('revoked');
    }
  }
}
