import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Sealer } from '../../database/sealer.js';
import { Signals } from '../../database/signals.js';
import { matchRoute, type Route, type RoutedMail } from '../../domain/route.js';
import { type AssembledProviders, assembleProviders } from './assemble-providers.js';
import { CONFIGURED_PROVIDERS, type ConfiguredProviders } from './configured-providers.js';
import type { BrokenProvider, Provider } from './provider.js';
import { ProviderRepository } from './provider.repository.js';

/** A signal can be lost; it is not missed for longer than this. */
const RELOAD_EVERY_MS = 30_000;

/**
 * The providers and routes of the installation, in memory. What is read is taken over as a whole or
 * not at all; while the database cannot be read the last of it stays.
 */
@Injectable()
export class ProviderDirectory implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger(ProviderDirectory.name);
  private readonly listeners = new Set<() => void>();
  private readonly reported = new Set<string>();
  private now: AssembledProviders;
  /** The rows it was assembled from: the same again are no news. */
  private rows = '';
  private reading: Promise<void> = Promise.resolve();
  private next: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private stopListening: (() => void) | undefined;

  constructor(
    @Inject(CONFIGURED_PROVIDERS) private readonly configured: ConfiguredProviders,
    private readonly repository: ProviderRepository,
    private readonly sealer: Sealer,
    private readonly signals: Signals,
  ) {
    this.now = assembleProviders(configured, { providers: [], routes: [] }, sealer);
  }

  /** Nothing is accepted or delivered before the stored ones are known. */
  async onModuleInit(): Promise<void> {
    this.stopListening = this.signals.on('providers', () => void this.refresh());
    this.timer = setInterval(() => void this.refresh(), RELOAD_EVERY_MS);
    this.timer.unref();
    await this.reload();
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopListening?.();
    clearInterval(this.timer);
    await this.next?.catch(() => undefined);
  }

  provider(name: string): Provider | undefined {
    return this.now.providers.get(name);
  }

  /** All that can be used, the sandbox among them. */
  providers(): Provider[] {
    return [...this.now.providers.values()];
  }

  /** Those in the database that cannot be used here. */
  broken(): readonly BrokenProvider[] {
    return this.now.broken;
  }

  /** The way of a live message; without steps when none of its providers is there. */
  routeFor(mail: RoutedMail): Route | undefined {
    return matchRoute(this.now.routes, mail);
  }

  /** Calls the listener after every change until the returned function is called. */
  onChange(listener: () => void): () => void {
    // A wrapper of its own, so that the same function can listen twice.
    const entry = (): void => listener();
    this.listeners.add(entry);
    return () => this.listeners.delete(entry);
  }

  /** Resolves when everything committed before the call is known. */
  reload(): Promise<void> {
    this.next ??= this.reading.then(() => {
      this.next = undefined;
      const read = this.read();
      this.reading = read.catch(() => undefined);
      return read;
    });
    return this.next;
  }

  private async refresh(): Promise<void> {
    try {
      await this.reload();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.logger.warn({ msg: 'providers could not be read again: the last ones stay', reason });
    }
  }

  private async read(): Promise<void> {
    const stored = await this.repository.load();
    const rows = JSON.stringify(stored);
    if (rows === this.rows) return;
    this.now = assembleProviders(this.configured, stored, this.sealer);
    this.rows = rows;
    this.report();
    for (const listener of this.listeners) listener();
  }

  /** Once for each: the names are the operators' own and no secret. */
  private report(): void {
    for (const { id, name, problem } of this.now.broken) {
      this.reportOnce(`${id} ${problem}`, { msg: 'a provider cannot be used', provider: name, problem });
    }
    for (const n of this.now.brokenRoutes) this.reportOnce(`route ${n}`, { msg: 'a route cannot be read', n });
  }

  private reportOnce(key: string, line: Readonly<Record<string, unknown>>): void {
    if (this.reported.has(key)) return;
    this.reported.add(key);
    this.logger.error(line);
  }
}
