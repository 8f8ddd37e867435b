import { type EventCursor, encodeCursor } from '../domain/event-cursor.js';
import type { LogMoment } from './event-log.repository.js';
import type { StoredEvent } from './stored-event.js';

/** A live event, made once and shared by all its subscribers. */
export class LiveEvent {
  private text: string | undefined;

  constructor(
    readonly event: StoredEvent,
    private readonly previousSnapshot: string,
    private readonly snapshot: string,
  ) {}

  get position(): EventCursor {
    const { tx, id, at } = this.event;
    return { base: this.previousSnapshot, target: this.snapshot, tx, id, atMs: at.getTime() };
  }

  get cursor(): string {
    this.text ??= encodeCursor(this.position);
    return this.text;
  }
}

/** Why no further event comes: the buffer ran over, the process stops, or the subscriber has left. */
export type SubscriptionEnd = 'overflow' | 'shutdown' | 'left';

/** The bounded buffer between the tail and one subscriber. */
export class EventSubscription {
  private buffer: LiveEvent[] = [];
  private taken = 0;
  private waiter: (() => void) | undefined;
  private ended: SubscriptionEnd | undefined;
  private lastAsked: number | undefined;
  private stalled = 0;

  constructor(
    /** Where the live events begin. */
    readonly boundary: LogMoment,
    private readonly accepts: (event: StoredEvent) => boolean,
    private readonly limit: number,
    private readonly leave: () => void,
  ) {}

  /** Why it ended; undefined while it lives. */
  get end(): SubscriptionEnd | undefined {
    return this.ended;
  }

  /** Nothing waits to be taken. */
  get drained(): boolean {
    return this.taken === this.buffer.length;
  }

  /** Milliseconds the subscriber had not asked for an event when the buffer ran over; 0 while it had not begun to. */
  get stalledMs(): number {
    return this.stalled;
  }

  push(live: LiveEvent): void {
    if (this.ended !== undefined || !this.accepts(live.event)) return;
    if (this.buffer.length - this.taken >= this.limit) {
      this.stalled = this.lastAsked === undefined ? 0 : performance.now() - this.lastAsked;
      this.finish('overflow');
      return;
    }
    this.buffer.push(live);
    this.waiter?.();
  }

  /** The next event, waited for; undefined once the subscription has ended. */
  async next(): Promise<LiveEvent | undefined> {
    this.lastAsked = performance.now();
    while (this.drained && this.ended === undefined) {
      await new Promise<void>((resolve) => {
        this.waiter = resolve;
      });
      this.waiter = undefined;
    }
    this.lastAsked = performance.now();
    const live = this.buffer[this.taken];
    if (live === undefined) return undefined;
    this.taken += 1;
    // Not with each event, which would move all others; nor only once drained, which may never be.
    if (this.drained || this.taken >= this.limit) {
      this.buffer.splice(0, this.taken);
      this.taken = 0;
    }
    return live;
  }

  /** Ends it; what is buffered is dropped, since a resume starts from the last event taken. */
  finish(reason: SubscriptionEnd): void {
    if (this.ended !== undefined) return;
    this.ended = reason;
    this.buffer = [];
    this.taken = 0;
    this.leave();
    this.waiter?.();
  }
}
