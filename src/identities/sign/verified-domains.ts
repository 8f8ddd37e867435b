import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Refresher } from '../../database/refresher.js';
import { Signals } from '../../database/signals.js';
import { withParents } from '../../domain/sender-domain.js';
import { reasonOf } from '../../telemetry/reason-of.js';
import { type ActiveKeyRow, ActiveKeyRepository, type ProvenDomainRow } from './active-key.repository.js';

/** Who a message is from, as far as it matters here. */
export interface Sender {
  readonly tenantId: string;
  /** Of the From address. */
  readonly domain: string;
}

/** Hints can be lost. */
const EVERY_MS = 30_000;

/**
 * The verified domains of all tenants in memory, so that neither accepting nor sending a message asks
 * the database. What changes is told by a signal. When it cannot be read the last one stays.
 */
@Injectable()
export class VerifiedDomains implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger(VerifiedDomains.name);
  private domains: ReadonlyMap<string, ProvenDomainRow> = new Map();
  private everVerified: ReadonlySet<string> = new Set();
  private keys: ReadonlyMap<string, ActiveKeyRow> = new Map();
  private readonly refresher: Refresher;

  constructor(
    private readonly repository: ActiveKeyRepository,
    private readonly signals: Signals,
  ) {
    this.refresher = new Refresher(
      { signals, topic: 'domains', everyMs: EVERY_MS },
      () => this.read(),
      (error) => this.logger.warn({ msg: 'sender domains not read; the last known stay', reason: reasonOf(error) }),
    );
  }

  /** A process that does not know the domains must not send: without them it does not start. */
  async onModuleInit(): Promise<void> {
    this.refresher.start();
    await this.refresher.reload();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.refresher.stop();
  }

  /** The domain itself or the nearest above it, if it is the tenant's and verified. */
  find({ tenantId, domain }: Sender): ProvenDomainRow | undefined {
    const nearest = this.nearest(domain);
    return nearest?.tenantId === tenantId ? nearest : undefined;
  }

  isOfAnother({ tenantId, domain }: Sender): boolean {
    const nearest = this.nearest(domain);
    return nearest !== undefined && nearest.tenantId !== tenantId;
  }

  /** Also when it has lost all of them since. */
  hasEverVerified(tenantId: string): boolean {
    return this.everVerified.has(tenantId);
  }

  /** After a change: every process reads the domains again. */
  announce(): void {
    this.signals.publish('domains');
  }

  /** Resolves when everything committed before the call is known, and also when it could not be read. */
  async reload(): Promise<void> {
    await this.refresher.refresh();
  }

  /** A name and all below it have one owner, whose domain the nearest is. */
  private nearest(domain: string): ProvenDomainRow | undefined {
    const name = withParents(domain).find((candidate) => this.domains.has(candidate));
    return name === undefined ? undefined : this.domains.get(name);
  }

  private async read(): Promise<void> {
    const rows = await this.repository.provenDomains();
    const keys = new Map<string, ActiveKeyRow>();
    // The same object as before for the same key: whoever has opened it knows it by that.
    const known = (key: ActiveKeyRow): ActiveKeyRow => this.keys.get(key.id) ?? key;
    const current = rows.filter(({ status }) => status === 'VERIFIED' || status === 'AT_RISK');
    const domains = current.map((row) => {
      const own = row.keys.map(known);
      for (const key of own) keys.set(key.id, key);
      return [row.name, { ...row, keys: own }] as const;
    });
    this.domains = new Map(domains);
    this.everVerified = new Set(rows.map(({ tenantId }) => tenantId));
    this.keys = keys;
  }
}
