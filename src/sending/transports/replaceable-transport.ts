import {
  type Envelope,
  type HandOverResult,
  type OutgoingMail,
  type ProbeResult,
  type Site,
  Transport,
} from './transport.js';

/** One adapter, with the hand-overs it is busy with. */
class Use {
  #busy = 0;
  #whenIdle: (() => void) | undefined;

  constructor(readonly transport: Transport) {}

  async handOver(envelope: Envelope, mail: OutgoingMail): Promise<HandOverResult> {
    this.#busy += 1;
    try {
      return await this.transport.handOver(envelope, mail);
    } finally {
      this.#busy -= 1;
      if (this.#busy === 0) this.#whenIdle?.();
    }
  }

  async closeWhenIdle(): Promise<void> {
    if (this.#busy > 0) await new Promise<void>((resolve) => (this.#whenIdle = resolve));
    await this.transport.close();
  }
}

/**
 * The way to a provider, the same for its users while the adapter behind it is replaced. A message
 * that waits for a connection of the old adapter still gets it; closing at once would defer it.
 */
export class ReplaceableTransport extends Transport {
  readonly name: string;
  override readonly idempotent: boolean;
  override readonly deliversToSites: boolean;
  #use: Use;

  constructor(transport: Transport) {
    super();
    this.name = transport.name;
    this.idempotent = transport.idempotent;
    this.deliversToSites = transport.deliversToSites;
    this.#use = new Use(transport);
  }

  handOver(envelope: Envelope, mail: OutgoingMail): Promise<HandOverResult> {
    return this.#use.handOver(envelope, mail);
  }

  override siteOf(domain: string): Promise<Site | undefined> {
    return this.#use.transport.siteOf(domain);
  }

  probe(): Promise<ProbeResult | undefined> {
    return this.#use.transport.probe();
  }

  /** Takes another adapter of the same kind; resolves when the one before is closed. */
  replace(transport: Transport): Promise<void> {
    const before = this.#use;
    this.#use = new Use(transport);
    return before.closeWhenIdle();
  }

  /** Ends it after the hand-overs that wait for a connection as well. */
  closeWhenIdle(): Promise<void> {
    return this.#use.closeWhenIdle();
  }

  close(): Promise<void> {
    return this.#use.transport.close();
  }
}
