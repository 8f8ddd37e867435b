import { randomUUID } from 'node:crypto';
import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { DATABASE_URL } from './database-url.js';
import { type Signal, decodeSignals, encodeSignals } from './signal-payload.js';
import { SignalLine } from './signal-line.js';

/** What there can be news about. The detail of `jobs` is the name of the lane. */
export type SignalTopic = 'events' | 'jobs' | 'domains';

type Listener = (detail: string | undefined) => void;

/** Commits with NOTIFY inside wait for one another (half the throughput), and one NOTIFY serves many commits. */
const DEBOUNCE_MS = 5;

/**
 * Hints that there is something new in the database, to this process and all others. Hints only:
 * they can be lost with a connection and listeners look for themselves now and then. After a lost
 * connection every listener is called once, for whatever was missed.
 */
@Injectable()
export class Signals implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger(Signals.name);
  private readonly self = randomUUID().slice(0, 13);
  private readonly listeners: Record<SignalTopic, Set<Listener>> = {
    events: new Set(),
    jobs: new Set(),
    domains: new Set(),
  };
  private readonly line: SignalLine;

  private local = new Map<string, Signal>();
  private remote = new Map<string, Signal>();
  private timer: NodeJS.Timeout | undefined;
  private flushing: Promise<void> = Promise.resolve();

  constructor(@Inject(DATABASE_URL) url: string) {
    this.line = new SignalLine(url, {
      onConnect: (again) => this.connected(again),
      onPayload: (payload) => this.received(payload),
      onLoss: (reason) => this.logger.warn(`the signal connection was lost and is opened again: ${reason}`),
    });
  }

  /** Opens the connection; a failure is not one of the service, it keeps trying. */
  async onModuleInit(): Promise<void> {
    await this.line.open();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.close();
  }

  /** Sends what is waiting and closes the connection. */
  async close(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    await this.flush();
    await this.line.close();
  }

  /** To be called after the commit. Listeners here are called in a microtask, other processes are told within 5 ms. */
  publish(topic: SignalTopic, detail?: string): void {
    const signal: Signal = { topic, detail };
    const key = `${topic} ${detail ?? ''}`;
    if (this.local.size === 0) queueMicrotask(() => this.deliverLocal());
    this.local.set(key, signal);
    this.remote.set(key, signal);
    this.timer ??= setTimeout(() => void this.flush(), DEBOUNCE_MS);
  }

  /** Calls the listener at every signal of the topic until the returned function is called. Undefined as detail means any. */
  on(topic: SignalTopic, listener: Listener): () => void {
    // A wrapper of its own, so that the same function can listen twice.
    const entry: Listener = (detail) => listener(detail);
    this.listeners[topic].add(entry);
    return () => this.listeners[topic].delete(entry);
  }

  private deliverLocal(): void {
    const signals = [...this.local.values()];
    this.local = new Map();
    for (const signal of signals) this.call(signal);
  }

  private call({ topic, detail }: Signal): void {
    for (const listener of this.listeners[topic]) {
      try {
        listener(detail);
      } catch (error) {
        this.logger.error(`a listener of ${topic} failed`, error instanceof Error ? error.stack : String(error));
      }
    }
  }

  /** One at a time. What could not be sent stays for the next connection. */
  private async flush(): Promise<void> {
    this.timer = undefined;
    this.flushing = this.flushing.then(() => this.send());
    await this.flushing;
  }

  private async send(): Promise<void> {
    if (this.remote.size === 0 || !this.line.isOpen) return;
    const signals = this.remote;
    this.remote = new Map();
    const sent = await this.line.send(encodeSignals(this.self, [...signals.values()]));
    if (!sent) this.remote = new Map([...signals, ...this.remote]);
  }

  private received(payload: string): void {
    const message = decodeSignals(payload);
    if (message === undefined || message.from === this.self) return;
    for (const signal of message.signals) this.call(signal);
  }

  private connected(again: boolean): void {
    if (again) {
      this.call({ topic: 'events', detail: undefined });
      this.call({ topic: 'jobs', detail: undefined });
      this.call({ topic: 'domains', detail: undefined });
    }
    void this.flush();
  }
}
