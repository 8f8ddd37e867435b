import { isDeepStrictEqual } from 'node:util';
import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { CONFIG } from '../../config/config.js';
import { ProviderDirectory } from '../providers/provider-directory.js';
import type { Provider } from '../providers/provider.js';
import { DirectResources } from './direct/direct-resources.js';
import { type TransportDeps, openTransport } from './open-transport.js';
import { ReplaceableTransport } from './replaceable-transport.js';
import { SandboxTransport } from './sandbox/sandbox-transport.js';
import type { Transport } from './transport.js';

interface Kept {
  readonly provider: Provider;
  readonly transport: ReplaceableTransport;
}

/** Keeps the open transports, by the name of their provider, in step with the directory. */
@Injectable()
export class Transports implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger(Transports.name);
  private readonly kept = new Map<string, Kept>();
  /** What could not be opened is not tried again, nor told again, before it changes. */
  private readonly failed = new Map<string, Provider>();
  /** Of adapters that are no longer used and end after their messages. */
  private readonly closing = new Set<Promise<void>>();
  private stopListening: (() => void) | undefined;
  private closed = false;

  constructor(
    private readonly directory: ProviderDirectory,
    private readonly sandbox: SandboxTransport,
    private readonly direct: DirectResources,
    @Inject(CONFIG) private readonly config: TransportDeps['config'],
  ) {}

  onModuleInit(): void {
    this.stopListening = this.directory.onChange(() => this.follow());
  }

  /** The way to a provider, opened at its first use. Undefined when there is none of that name, or no adapter for it. */
  transport(name: string): Transport | undefined {
    const kept = this.kept.get(name);
    if (kept !== undefined || this.closed) return kept?.transport;
    const provider = this.directory.provider(name);
    const opened = provider === undefined ? undefined : this.open(provider);
    if (provider === undefined || opened === undefined) return undefined;
    const transport = new ReplaceableTransport(opened);
    this.kept.set(name, { provider, transport });
    return transport;
  }

  /** The ways to everybody else's providers; for probes. */
  outward(): readonly Transport[] {
    const names = this.directory.providers().flatMap(({ name, kind }) => (kind === 'SANDBOX' ? [] : [name]));
    return names.flatMap((name) => this.transport(name) ?? []);
  }

  async close(): Promise<void> {
    this.closed = true;
    this.stopListening?.();
    await Promise.all([...this.closing, ...[...this.kept.values()].map(({ transport }) => transport.close())]);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.close();
  }

  private follow(): void {
    for (const [name, { provider, transport }] of this.kept) {
      const wanted = this.directory.provider(name);
      if (wanted !== undefined && hasSameAdapter(provider, wanted)) continue;
      // One of the same name but of another kind is another provider.
      const opened = wanted?.kind === provider.kind ? this.open(wanted) : undefined;
      if (wanted === undefined || opened === undefined) {
        this.kept.delete(name);
        this.closeLater(transport.closeWhenIdle());
      } else {
        this.kept.set(name, { provider: wanted, transport });
        this.closeLater(transport.replace(opened));
      }
    }
  }

  private open(provider: Provider): Transport | undefined {
    if (this.failed.get(provider.name) === provider) return undefined;
    try {
      return openTransport(provider, { sandbox: this.sandbox, direct: this.direct, config: this.config });
    } catch (error) {
      // The name only: what is wrong with the settings could quote them.
      const reason = error instanceof Error ? error.name : 'unknown';
      this.logger.error({ msg: 'a transport cannot be opened', provider: provider.name, reason });
    }
    this.failed.set(provider.name, provider);
    return undefined;
  }

  private closeLater(ending: Promise<void>): void {
    const settled = ending.catch(() => undefined).finally(() => this.closing.delete(settled));
    this.closing.add(settled);
  }
}

/** What the adapter is made of is the same: state and rates are for whoever chooses. */
function hasSameAdapter(a: Provider, b: Provider): boolean {
  return (
    a.kind === b.kind &&
    a.limits.maxConnections === b.limits.maxConnections &&
    isDeepStrictEqual(a.settings, b.settings)
  );
}
