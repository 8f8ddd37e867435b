import { type Lane, LANES, laneCode } from '../../../domain/lane.js';

/** The share of the connections that a lane leaves to the lanes above it. */
const LEFT_ABOVE: Readonly<Record<Lane, number>> = { OTP: 0, TRANSACTIONAL: 0.1, NOTIFICATION: 0.2, BULK: 0.4 };

/** From so many connections on each lane but the first leaves at least one. */
const SMALLEST_SHARED = 4;

/** How many connections a lane leaves to the lanes above it. */
export function reserveAbove(lane: Lane, connections: number): number {
  const share = LEFT_ABOVE[lane];
  const least = share > 0 && connections >= SMALLEST_SHARED ? 1 : 0;
  return Math.max(least, Math.floor(share * connections));
}

/**
 * The places for connections to one relay. A lane takes one only while more are free than it leaves
 * to the lanes above, so those never wait for its messages to end; who waits is served by lane, then
 * in order of arrival.
 */
export class ConnectionPlaces {
  #free: number;
  readonly #reserves: readonly number[];
  readonly #waiting: readonly (() => void)[][] = LANES.map(() => []);

  constructor(private readonly count: number) {
    this.#free = count;
    this.#reserves = LANES.map((lane) => reserveAbove(lane, count));
  }

  get allFree(): boolean {
    return this.#free === this.count;
  }

  async take(lane: Lane): Promise<void> {
    if (!this.tryTake(lane)) await new Promise<void>((resolve) => this.#waiting[laneCode(lane)]?.push(resolve));
  }

  /** False when the lane has to wait for it. */
  tryTake(lane: Lane): boolean {
    if (!this.#isFreeFor(laneCode(lane))) return false;
    this.#free -= 1;
    return true;
  }

  give(): void {
    this.#free += 1;
    this.#waiting.forEach((queue, lane) => {
      while (queue.length > 0 && this.#isFreeFor(lane)) this.#serve(queue);
    });
  }

  /** Lets everybody who waits go on, beyond the limit: they open nothing and give the place back. */
  dismiss(): void {
    for (const queue of this.#waiting) while (queue.length > 0) this.#serve(queue);
  }

  #isFreeFor(lane: number): boolean {
    return this.#free > (this.#reserves[lane] ?? 0);
  }

  #serve(queue: (() => void)[]): void {
    this.#free -= 1;
    queue.shift()?.();
  }
}
