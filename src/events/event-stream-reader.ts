import { eventTypeCode } from '../domain/delivery-event.js';
import { type EventCursor, encodeCursor } from '../domain/event-cursor.js';
import { topError } from '../graphql/postern-error.js';
import { type EventFilter, passes } from './event-filter.js';
import type { EventHub, EventTopic } from './event-hub.js';
import type { EventLogRepository, LogMoment } from './event-log.repository.js';
import type { EventSubscription } from './event-subscription.js';
import { readUpTo, replay } from './replay.js';
import type { StreamItem } from './stream-item.js';

export interface StreamRequest {
  readonly topic: EventTopic;
  readonly filter: EventFilter;
  /** Undefined: only what happens from now on. */
  readonly after: EventCursor | undefined;
  /** Say so when the log is no longer kept back to the cursor. */
  readonly tellGap: boolean;
  /** End once every recipient of the topic's message is settled. */
  readonly untilSettled: boolean;
}

const PAGE = 500;

/** A subscriber whose buffer ran over and who had not asked for this long has stopped reading. */
const STALLED_MS = 1000;
/** Whoever reads but is pushed out of the buffer reads on from the log, for this long at most. */
const BEHIND_MS = 30_000;

/** From here on an event may be the last one of its recipient. */
const FIRST_TERMINAL_CODE = eventTypeCode('HANDED_OFF');

/**
 * One subscriber's way through the log: stored events up to a boundary of the tail, then live ones
 * from that boundary on. A burst larger than the buffer is read from the log instead, so only a
 * reader that does not keep up at all is cut off; nothing is ever buffered without bound.
 */
export class EventStreamReader {
  private position: EventCursor | undefined;
  private caughtUp = false;
  private over = false;
  private behindSince: number | undefined;

  constructor(
    private readonly log: EventLogRepository,
    private readonly hub: EventHub,
    private readonly request: StreamRequest,
    private readonly signal: AbortSignal,
  ) {
    this.position = request.after;
  }

  /** Where to resume; undefined before anything is known. */
  get cursor(): string | undefined {
    return this.position === undefined ? undefined : encodeCursor(this.position);
  }

  async *items(): AsyncGenerator<StreamItem, void, undefined> {
    if (this.request.tellGap) yield* this.gap();
    const { topic, filter } = this.request;
    while (!this.over) {
      const subscription = await this.hub.join(topic, (event) => passes(filter, event), this.signal);
      if (subscription === undefined) {
        this.refuseWhenStopping();
        return;
      }
      const leave = (): void => subscription.finish('left');
      this.signal.addEventListener('abort', leave, { once: true });
      try {
        yield* this.catchUp(subscription.boundary);
        if (!this.caughtUp) yield this.notice();
        if (subscription.end === undefined) this.behindSince = undefined;
        yield* this.live(subscription);
      } finally {
        this.signal.removeEventListener('abort', leave);
        leave();
      }
      this.judge(subscription);
    }
  }

  private async *gap(): AsyncGenerator<StreamItem, void, undefined> {
    if (this.position === undefined) return;
    const keptSince = await this.log.keptSince();
    if (this.position.atMs >= keptSince) return;
    // Resumed from here, the same gap is not told again.
    this.position = { ...this.position, atMs: Math.ceil(keptSince) };
    yield { kind: 'gap', keptSince: new Date(keptSince), resumeAfter: encodeCursor(this.position) };
  }

  private async *catchUp(until: LogMoment): AsyncGenerator<StreamItem, void, undefined> {
    if (this.position !== undefined) {
      const { topic, filter } = this.request;
      const scope = { tenantId: topic.tenantId, filter };
      for await (const { event, position } of replay(this.log, scope, this.position, until, PAGE)) {
        this.refuseWhenStopping();
        if (this.behindSince !== undefined && performance.now() - this.behindSince > BEHIND_MS) this.cutOff();
        this.position = position;
        yield { kind: 'event', cursor: encodeCursor(position), event };
      }
    }
    this.position = readUpTo(until);
  }

  private notice(): StreamItem {
    this.caughtUp = true;
    return { kind: 'caughtUp', cursor: this.cursor ?? '' };
  }

  private async *live(subscription: EventSubscription): AsyncGenerator<StreamItem, void, undefined> {
    let maybeSettled = this.request.untilSettled;
    for (;;) {
      if (maybeSettled && subscription.drained) {
        maybeSettled = false;
        if (await this.isSettled()) {
          // The last events may be committed but not yet here.
          yield* this.catchUp(await this.log.now());
          this.over = true;
          return;
        }
      }
      const live = await subscription.next();
      if (live === undefined) return;
      this.position = live.position;
      maybeSettled ||= this.request.untilSettled && eventTypeCode(live.event.type) >= FIRST_TERMINAL_CODE;
      yield { kind: 'event', cursor: live.cursor, event: live.event };
    }
  }

  private async isSettled(): Promise<boolean> {
    const { tenantId, messageId } = this.request.topic;
    if (messageId === undefined) return false;
    const recipients = await this.log.openRecipients(tenantId, messageId);
    return recipients === undefined || recipients.open === 0;
  }

  /** What follows the end of a subscription: another round from the log, the end, or a refusal. */
  private judge(subscription: EventSubscription): void {
    switch (subscription.end) {
      case 'shutdown':
        if (!this.over) this.refuseWhenStopping();
        break;
      case 'overflow':
        if (subscription.stalledMs > STALLED_MS) this.cutOff();
        this.behindSince ??= performance.now();
        break;
      case 'left':
      case undefined:
        this.over = true;
    }
  }

  private refuseWhenStopping(): void {
    if (this.hub.shuttingDown) throw this.withCursor('SHUTTING_DOWN');
  }

  private cutOff(): never {
    throw this.withCursor('SLOW_CONSUMER');
  }

  private withCursor(code: 'SHUTTING_DOWN' | 'SLOW_CONSUMER'): Error {
    const { cursor } = this;
    return topError(code, undefined, cursor === undefined ? {} : { cursor });
  }
}
