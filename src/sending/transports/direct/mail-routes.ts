import { readExchangers } from '../../../domain/mail-exchangers.js';
import { siteRuleFor } from '../../../domain/site-reaction.js';
import type { SiteRule } from '../../../domain/site-rules.js';
import type { DnsLookup, MailExchanger } from '../../../dns/dns-lookup.js';
import type { HandOverResult } from '../transport.js';
import { AnswerCache, type Kept } from './answer-cache.js';
import { noAnswer, undeliverable } from './no-way.js';

/** Where mail for a domain goes, or why nowhere. */
export type MailRoute =
  | { readonly exchangers: readonly MailExchanger[]; readonly rule: SiteRule }
  | { readonly result: HandOverResult };

/** Node's resolver tells no TTL of an MX; a change shows after this time at the latest. */
const KEEP_MS = 5 * 60_000;
const KEEP_FAILURE_MS = 15_000;
const MOST_DOMAINS = 20_000;

/** The MX of recipient domains (RFC 5321 section 5.1), kept for some minutes. */
export class MailRoutes {
  readonly #routes = new AnswerCache((domain) => this.#ask(domain), MOST_DOMAINS);

  constructor(
    private readonly dns: Pick<DnsLookup, 'mx'>,
    private readonly ownName: string,
  ) {}

  to(domain: string): Promise<MailRoute> {
    return this.#routes.get(domain);
  }

  async #ask(domain: string): Promise<Kept<MailRoute>> {
    const answer = await this.dns.mx(domain);
    if (answer.kind === 'failed') return { answer: { result: noAnswer(answer.code) }, keepMs: KEEP_FAILURE_MS };
    if (answer.kind === 'found') return { answer: this.#route(answer.records), keepMs: KEEP_MS };
    if (!answer.nameExists) return refused('the domain does not exist (5.1.2)');
    // No MX: the domain's own address takes its mail, if it has one (RFC 5321 section 5.1).
    return { answer: this.#route([{ host: domain, preference: 0 }]), keepMs: KEEP_MS };
  }

  #route(records: readonly MailExchanger[]): MailRoute {
    const read = readExchangers(records, this.ownName);
    if (read.kind === 'null_mx') return { result: undeliverable('the domain takes no mail (null MX, 5.1.10)') };
    if (read.kind === 'loop') {
      const note = 'the mail exchanger of the domain is this host itself (5.4.6)';
      return { result: { ...undeliverable(note), reason: 'PROVIDER_CONFIGURATION' } };
    }
    return { exchangers: read.exchangers, rule: siteRuleFor(read.exchangers.map(({ host }) => host)) };
  }
}

function refused(note: string): Kept<MailRoute> {
  return { answer: { result: undeliverable(note) }, keepMs: KEEP_MS };
}
