import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Refresher } from '../../database/refresher.js';
import { Sealer } from '../../database/sealer.js';
import { Signals } from '../../database/signals.js';
import { matchRoute, type Route, type RoutedMail } from '../../domain/route.js';
import { reasonOf } from '../../telemetry/reason-of.js';
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
  private readonly refresher: Refresher;

  constructor(
    @Inject(CONFIGURED_PROVIDERS) private readonly configured: ConfiguredProviders,
    private readonly repository: ProviderRepository,
    private readonly sealer: Sealer,
    signals: Signals,
  ) {
    this.now = assembleProviders(configured, { providers: [], routes: [] }, sealer);
    this.refresher = new Refresher(
      { signals, topic: 'providers', everyMs: RELOAD_EVERY_MS },
      () => this.read(),
      (error) => this.logger.warn({ msg: 'providers not read again; the last ones stay', reason: reasonOf(error) }),
    );
  }

  /** Nothing is accepted or delivered before the stored ones are known. */
  async onModuleInit(): Promise<void> {
    this.refresher.start();
    await this.reload();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.refresher.stop();
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
    return this.refresher.reload();
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
