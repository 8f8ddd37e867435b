import { Resolver } from 'node:dns/promises';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';

/** A host that takes mail for a domain; the lowest preference first (RFC 5321 section 5.1). */
export interface MailExchanger {
  readonly host: string;
  readonly preference: number;
}

/**
 * What DNS said: records; that there are none (no such name, or none of the kind); or nothing that
 * could be relied on. The last must never be taken for the second: it passes.
 */
export type DnsAnswer<T> =
  | { readonly kind: 'found'; readonly records: readonly T[] }
  | { readonly kind: 'none'; readonly nameExists: boolean }
  | { readonly kind: 'failed'; readonly code: string };

const TIMEOUT_MS = 3000;
const TRIES = 2;

/** Asks the name servers of POSTERN_DNS_SERVERS, or the system's. Nothing is kept: whoever asks often keeps answers itself. */
@Injectable()
export class DnsLookup {
  private readonly resolver = new Resolver({ timeout: TIMEOUT_MS, tries: TRIES });

  constructor(@Inject(CONFIG) config: Pick<Config, 'dnsServers'>) {
    if (config.dnsServers !== undefined) this.resolver.setServers([...config.dnsServers]);
  }

  /** Each record as one text, however many strings it was cut into (RFC 7208 section 3.3). */
  async txt(name: string): Promise<DnsAnswer<string>> {
    const answer = await ask(() => this.resolver.resolveTxt(name));
    return answer.kind === 'found' ? { kind: 'found', records: answer.records.map((parts) => parts.join('')) } : answer;
  }

  async mx(domain: string): Promise<DnsAnswer<MailExchanger>> {
    const answer = await ask(() => this.resolver.resolveMx(domain));
    if (answer.kind !== 'found') return answer;
    const records = answer.records.map(({ exchange, priority }) => ({
      host: exchange.toLowerCase().replace(/\.$/, ''),
      preference: priority,
    }));
    return { kind: 'found', records: records.toSorted((a, b) => a.preference - b.preference) };
  }

  cname(name: string): Promise<DnsAnswer<string>> {
    return ask(() => this.resolver.resolveCname(name));
  }

  ipv4(host: string): Promise<DnsAnswer<string>> {
    return ask(() => this.resolver.resolve4(host));
  }

  ipv6(host: string): Promise<DnsAnswer<string>> {
    return ask(() => this.resolver.resolve6(host));
  }
}

async function ask<T>(question: () => Promise<T[]>): Promise<DnsAnswer<T>> {
  try {
    const records = await question();
    return records.length === 0 ? { kind: 'none', nameExists: true } : { kind: 'found', records };
  } catch (error) {
    const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'UNKNOWN';
    if (code === 'ENOTFOUND') return { kind: 'none', nameExists: false };
    if (code === 'ENODATA') return { kind: 'none', nameExists: true };
    return { kind: 'failed', code };
  }
}
