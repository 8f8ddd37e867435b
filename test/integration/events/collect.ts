import { PosternError } from '../../../src/graphql/postern-error.js';
import type { StreamItem } from '../../../src/events/stream-item.js';
import { waitFor } from '../../support/wait-for.js';

type EventItem = Extract<StreamItem, { kind: 'event' }>;

/** Reads a stream in the background until it ends or is told to stop. */
export class Collector {
  readonly items: StreamItem[] = [];
  /** performance.now() of each item. */
  readonly times: number[] = [];
  error: unknown;
  done = false;
  private readonly running: Promise<void>;

  constructor(private readonly stream: AsyncIterableIterator<StreamItem>) {
    this.running = this.run();
  }

  get events(): EventItem[] {
    return this.items.filter((item): item is EventItem => item.kind === 'event');
  }

  /** (tx, id) of each event, the log's own name for it. */
  get keys(): string[] {
    return this.events.map(({ event }) => `${event.tx}.${event.id}`);
  }

  get refusal(): PosternError | undefined {
    return this.error instanceof PosternError ? this.error : undefined;
  }

  /** The latest place a client would resume from. */
  get cursor(): string | undefined {
    const last = this.items.at(-1);
    return last === undefined ? undefined : last.kind === 'gap' ? last.resumeAfter : last.cursor;
  }

  async caughtUp(): Promise<this> {
    await waitFor(() => this.items.some((item) => item.kind === 'caughtUp') || this.done);
    return this;
  }

  async count(n: number): Promise<this> {
    await waitFor(() => this.events.length >= n || this.done, { timeoutMs: 20_000 });
    return this;
  }

  async ended(): Promise<this> {
    await waitFor(() => this.done, { timeoutMs: 20_000 });
    return this;
  }

  async stop(): Promise<this> {
    await this.stream.return?.();
    await this.running;
    return this;
  }

  private async run(): Promise<void> {
    try {
      for await (const item of this.stream) {
        this.items.push(item);
        this.times.push(performance.now());
      }
    } catch (error) {
      this.error = error;
    }
    this.done = true;
  }
}
