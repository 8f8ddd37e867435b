import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Absence, Behaviour, SinkCount, SinkOrder } from './sink-order.ts';

/** The sink process and what it has counted. */
export class NextHop {
  readonly port: number;
  private readonly child: ChildProcess;

  // Node strips types but does not write parameter properties.
  private constructor(child: ChildProcess, port: number) {
    this.child = child;
    this.port = port;
  }

  /** Offers the given keywords besides its own. */
  static async start(keywords: readonly string[] = []): Promise<NextHop> {
    const child = fork(join(import.meta.dirname, 'sink.ts'), keywords, { stdio: 'inherit' });
    const [hello] = (await once(child, 'message')) as [{ port: number }];
    return new NextHop(child, hello.port);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  reset(): Promise<SinkCount> {
    return this.ask({ do: 'reset' });
  }

  count(): Promise<SinkCount> {
    return this.ask({ do: 'count' });
  }

  /** When each copy of each message came, in milliseconds since the epoch; of those numbered below, or of all. */
  async arrivals(below?: number): Promise<Map<number, number[]>> {
    return new Map(await this.ask<[number, number[]][]>({ do: 'arrivals', below }));
  }

  /** From now on mail to the domain is treated like this. */
  async behave(domain: string, as: Behaviour): Promise<void> {
    await this.ask({ do: 'behave', domain, as });
  }

  /** Answers 451 to what is above so many messages a second. */
  async limit(perSecond: number | undefined): Promise<void> {
    await this.ask({ do: 'limit', perSecond });
  }

  /** From now on each reply is so many milliseconds on its way. */
  async retreat(ms: number): Promise<void> {
    await this.ask({ do: 'retreat', ms });
  }

  async leave(as: Absence): Promise<void> {
    await this.ask({ do: 'leave', as });
  }

  async return(): Promise<void> {
    await this.ask({ do: 'return' });
  }

  /** Waits until so many different messages have arrived; gives up after the deadline. */
  async waitFor(unique: number, deadlineMs: number): Promise<SinkCount> {
    const end = performance.now() + deadlineMs;
    let count = await this.count();
    while (count.unique < unique && performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 25));
      count = await this.count();
    }
    return count;
  }

  stop(): void {
    this.child.disconnect();
  }

  private async ask<T = SinkCount>(order: SinkOrder): Promise<T> {
    this.child.send(order);
    const [answer] = (await once(this.child, 'message')) as [T];
    return answer;
  }
}
