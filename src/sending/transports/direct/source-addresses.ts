import { isIP } from 'node:net';
import type { Pushback } from '../../../domain/pushback.js';
import { dailyAllowance, leaseSize, msUntilNextDay, preferredFor, utcDay } from '../../../domain/warm-up.js';
import type { SourceAddress } from './direct-settings.js';
import type { SourceAddressUseRepository } from './source-address-use.repository.js';

/** An address to send one message from. */
export interface TakenSource {
  /** Undefined: the system chooses. */
  readonly address: string | undefined;
  /** The message did not get as far as counting against the address. */
  readonly giveBack: () => void;
}

/** What this process may still send from an address on a day. */
interface Lease {
  readonly day: string;
  left: number;
  /** The day's allowance has been given out. */
  spent: boolean;
  asking: Promise<void> | undefined;
}

const FREE: TakenSource = { address: undefined, giveBack: () => undefined };

/**
 * The addresses we send from. One that warms up has an allowance a day, which all processes share;
 * each takes a piece of it at a time.
 */
export class SourceAddresses {
  readonly #leases = new Map<string, Lease>();

  constructor(
    private readonly sources: readonly SourceAddress[],
    private readonly use: SourceAddressUseRepository,
    private readonly now: () => Date,
  ) {}

  /** What to ask of the queue once `take` found nothing: of all sites where no family has anything left. */
  spentPushback(): Pushback {
    const now = this.now();
    const exhausted = this.sources.every(({ address }) => this.#isSpent(address, utcDay(now)));
    return { scope: exhausted ? 'PROVIDER' : 'SITE', retryAfterMs: msUntilNextDay(now) };
  }

  /**
   * One message from the address that the site is used to, or the next one that has something left.
   * Undefined when none has. Rejects when the database cannot be asked.
   */
  async take(site: string, family: 4 | 6): Promise<TakenSource | undefined> {
    if (this.sources.length === 0) return FREE;
    const fitting = this.sources.filter(({ address }) => isIP(address) === family);
    for (const source of preferredFor(site, fitting)) {
      const taken = await this.#take(source);
      if (taken !== undefined) return taken;
    }
    return undefined;
  }

  /** Returns what was taken and not used; where that fails it is lost to the day and nothing else. */
  async close(): Promise<void> {
    const leases = [...this.#leases].filter(([, { left }]) => left > 0);
    this.#leases.clear();
    await Promise.allSettled(leases.map(([address, { day, left }]) => this.use.giveBack(address, day, left)));
  }

  async #take({ address, warmUpSince }: SourceAddress): Promise<TakenSource | undefined> {
    const day = utcDay(this.now());
    const allowance = dailyAllowance(warmUpSince, day);
    if (allowance === Number.POSITIVE_INFINITY) return { ...FREE, address };
    const lease = this.#leaseOf(address, day);
    while (lease.left === 0 && !lease.spent) await (lease.asking ??= this.#renew(address, lease, allowance));
    if (lease.left === 0) return undefined;
    lease.left -= 1;
    return { address, giveBack: () => (lease.left += 1) };
  }

  #leaseOf(address: string, day: string): Lease {
    const known = this.#leases.get(address);
    if (known?.day === day) return known;
    const lease = { day, left: 0, spent: false, asking: undefined };
    this.#leases.set(address, lease);
    return lease;
  }

  async #renew(address: string, lease: Lease, allowance: number): Promise<void> {
    try {
      const granted = await this.use.lease(address, lease.day, leaseSize(allowance), allowance);
      lease.left += granted;
      lease.spent = granted === 0;
    } finally {
      lease.asking = undefined;
    }
  }

  #isSpent(address: string, today: string): boolean {
    const lease = this.#leases.get(address);
    return lease !== undefined && lease.day === today && lease.spent && lease.left === 0;
  }
}
