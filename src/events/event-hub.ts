import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { Metrics } from '../telemetry/metrics.js';
import type { TailInterest } from './event-log.repository.js';
import { EventSubscription, LiveEvent } from './event-subscription.js';
import { EventTail, type TailPage, type TailReader } from './event-tail.js';
import type { StoredEvent } from './stored-event.js';

/** What a subscriber listens to: all of a tenant, or one message. */
export interface EventTopic {
  readonly tenantId: string;
  readonly messageId?: string | undefined;
}

interface TenantTopic {
  readonly all: Set<EventSubscription>;
  readonly byMessage: Map<string, Set<EventSubscription>>;
}

/** Above this many topics the tail reads everything: the list would cost more than the events it saves. */
const MAX_TOPICS = 200;

/**
 * Hands the tail's events to the subscribers of this process, by topic: an event costs nothing for
 * the subscribers of other tenants.
 */
@Injectable()
export class EventHub implements TailReader, OnApplicationBootstrap, OnModuleDestroy {
  private readonly tenants = new Map<string, TenantTopic>();
  private readonly subscriptions = new Set<EventSubscription>();
  private cachedInterest: { value: TailInterest | undefined } | undefined;
  private readonly joining = new Set<() => void>();
  private closing = false;

  constructor(
    private readonly tail: EventTail,
    private readonly metrics: Metrics,
    @Inject(CONFIG) private readonly config: Pick<Config, 'role' | 'subscriptionBuffer'>,
  ) {}

  onApplicationBootstrap(): void {
    if (this.config.role !== 'worker') this.tail.start(this);
  }

  /** Streams end with a cursor to resume from before any socket is closed. */
  onModuleDestroy(): void {
    this.closing = true;
    for (const subscription of this.subscriptions) subscription.finish('shutdown');
    for (const giveUp of this.joining) giveUp();
  }

  get subscribers(): number {
    return this.subscriptions.size;
  }

  get shuttingDown(): boolean {
    return this.closing;
  }

  /**
   * Registers a subscriber between two batches of the tail, so that everything up to the
   * subscription's boundary can be replayed from the log and everything after it comes live.
   * Undefined when the signal was aborted or the process stops.
   */
  async join(
    topic: EventTopic,
    accepts: (event: StoredEvent) => boolean,
    signal: AbortSignal,
  ): Promise<EventSubscription | undefined> {
    if (this.closing || signal.aborted) return undefined;
    return new Promise<EventSubscription | undefined>((resolve) => {
      const giveUp = (): void => {
        this.joining.delete(giveUp);
        signal.removeEventListener('abort', giveUp);
        resolve(undefined);
      };
      this.joining.add(giveUp);
      signal.addEventListener('abort', giveUp, { once: true });
      this.tail.atBoundary((boundary) => {
        if (!this.joining.delete(giveUp)) return;
        signal.removeEventListener('abort', giveUp);
        const subscription = new EventSubscription(boundary, accepts, this.config.subscriptionBuffer, () =>
          this.remove(topic, subscription),
        );
        this.add(topic, subscription);
        resolve(subscription);
      });
    });
  }

  interest(): TailInterest | undefined | 'nothing' {
    if (this.subscriptions.size === 0) return 'nothing';
    this.cachedInterest ??= { value: this.collectInterest() };
    return this.cachedInterest.value;
  }

  receive({ previousSnapshot, snapshot, events }: TailPage): void {
    this.metrics.events.inc(events.length);
    for (const event of events) {
      const topic = this.tenants.get(event.tenantId);
      if (topic === undefined) continue;
      const live = new LiveEvent(event, previousSnapshot, snapshot);
      for (const subscription of topic.all) subscription.push(live);
      const ofMessage = topic.byMessage.get(event.messageId);
      if (ofMessage !== undefined) for (const subscription of ofMessage) subscription.push(live);
    }
  }

  private collectInterest(): TailInterest | undefined {
    const tenants: string[] = [];
    const messages: string[] = [];
    for (const [tenantId, topic] of this.tenants) {
      if (topic.all.size > 0) tenants.push(tenantId);
      else messages.push(...topic.byMessage.keys());
      if (tenants.length + messages.length > MAX_TOPICS) return undefined;
    }
    return { tenants, messages };
  }

  private add(topic: EventTopic, subscription: EventSubscription): void {
    let tenant = this.tenants.get(topic.tenantId);
    if (tenant === undefined) {
      tenant = { all: new Set(), byMessage: new Map() };
      this.tenants.set(topic.tenantId, tenant);
    }
    if (topic.messageId === undefined) tenant.all.add(subscription);
    else {
      const ofMessage = tenant.byMessage.get(topic.messageId);
      if (ofMessage === undefined) tenant.byMessage.set(topic.messageId, new Set([subscription]));
      else ofMessage.add(subscription);
    }
    this.subscriptions.add(subscription);
    this.metrics.subscribers.set(this.subscriptions.size);
    this.cachedInterest = undefined;
  }

  private remove(topic: EventTopic, subscription: EventSubscription): void {
    const tenant = this.tenants.get(topic.tenantId);
    if (tenant === undefined) return;
    tenant.all.delete(subscription);
    if (topic.messageId !== undefined) {
      const ofMessage = tenant.byMessage.get(topic.messageId);
      ofMessage?.delete(subscription);
      if (ofMessage?.size === 0) tenant.byMessage.delete(topic.messageId);
    }
    if (tenant.all.size === 0 && tenant.byMessage.size === 0) this.tenants.delete(topic.tenantId);
    this.subscriptions.delete(subscription);
    this.metrics.subscribers.set(this.subscriptions.size);
    this.cachedInterest = undefined;
  }
}
