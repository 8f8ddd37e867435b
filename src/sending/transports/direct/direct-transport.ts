import { getCACertificates } from 'node:tls';
import type { DnsLookup } from '../../../dns/dns-lookup.js';
import { orderHosts } from '../../../domain/mail-exchangers.js';
import { isNamedBy } from '../../../domain/mta-sts-policy.js';
import { pushbackOf, reactionTo } from '../../../domain/site-reaction.js';
import type { SiteRule } from '../../../domain/site-rules.js';
import { isFitForWire } from '../smtp/envelope-commands.js';
import { TRANSPORT_CLOSED, brokenOff } from '../smtp/hand-over-outcome.js';
import { secureContextFor } from '../smtp/smtp-dial.js';
import { type Envelope, type HandOverResult, type OutgoingMail, type Site, Transport } from '../transport.js';
import { type DirectSettings, settingsProblem } from './direct-settings.js';
import { HostAddresses } from './host-addresses.js';
import { type Attempt, HostAttempts } from './host-attempts.js';
import { type MailRoute, MailRoutes } from './mail-routes.js';
import { MtaStsPolicies } from './mta-sts-policies.js';
import type { MtaStsPolicyRepository, StoredPolicy } from './mta-sts-policy.repository.js';
import { withoutDatabase } from './no-way.js';
import { PolicyFetcher } from './policy-fetcher.js';
import { ReactionCount } from './reaction-count.js';
import { RestingHosts } from './resting-hosts.js';
import { SiteConnections } from './site-connections.js';
import { SourceAddresses } from './source-addresses.js';
import type { SourceAddressUseRepository } from './source-address-use.repository.js';

/** What a direct transport asks; chance, clock and port are for tests. */
export interface DirectSurroundings {
  readonly dns: DnsLookup;
  readonly policyStore: MtaStsPolicyRepository;
  readonly addressUse: SourceAddressUseRepository;
  readonly random?: () => number;
  readonly now?: () => Date;
  readonly policyPort?: number;
}

type Found = Exclude<MailRoute, { result: HandOverResult }>;

const HTTPS_PORT = 443;

/** Dialling takes at most this many connect timeouts before no further host is begun. */
const PATIENCE = 2;

/** Hands mail over to the recipient domain's own servers. */
export class DirectTransport extends Transport {
  readonly name: string;
  override readonly deliversToSites = true;
  readonly #settings: DirectSettings;
  readonly #random: () => number;
  readonly #routes: MailRoutes;
  readonly #policies: MtaStsPolicies;
  readonly #means: ConstructorParameters<typeof HostAttempts>[0];
  readonly #sites = new Map<string, SiteConnections>();
  readonly #reactions = new ReactionCount();
  #closing: Promise<void> | undefined;

  constructor(settings: DirectSettings, surroundings: DirectSurroundings) {
    super();
    const problem = settingsProblem(settings);
    if (problem !== undefined) throw new Error(`the direct provider cannot be used: ${problem}`);
    const { dns, policyStore, addressUse, random = Math.random, now = () => new Date() } = surroundings;
    this.name = settings.name;
    this.#settings = settings;
    this.#random = random;
    const sources = new SourceAddresses(settings.sourceAddresses, addressUse, now);
    const addresses = new HostAddresses(dns, settings, random);
    const secureContext = secureContextFor({ ca: authorities(settings.ca) });
    const fetcher = new PolicyFetcher(addresses, secureContext, surroundings.policyPort ?? HTTPS_PORT);
    this.#routes = new MailRoutes(dns, settings.ehloName);
    this.#policies = new MtaStsPolicies(dns, policyStore, fetcher);
    this.#means = { settings, secureContext, addresses, sources, resting: new RestingHosts() };
  }

  async handOver(envelope: Envelope, { raw }: OutgoingMail): Promise<HandOverResult> {
    if (this.#closing !== undefined) return TRANSPORT_CLOSED;
    if (!isFitForWire(envelope)) {
      return { outcome: 'refused', stage: 'MAIL', reply: undefined, note: 'the envelope is not fit for the wire' };
    }
    const domain = envelope.to.slice(envelope.to.lastIndexOf('@') + 1).toLowerCase();
    const [route, policy] = await Promise.all([
      this.#routes.to(domain),
      this.#policies.policyFor(domain).catch(() => 'unknown' as const),
    ]);
    if ('result' in route) return route.result;
    if (policy === 'unknown') return withoutDatabase();
    return this.#by(route, policy, envelope, raw);
  }

  /** Where mail for the domain goes, and what the site is known to take; undefined when it goes nowhere. */
  override async siteOf(domain: string): Promise<Site | undefined> {
    const route = await this.#routes.to(domain);
    if ('result' in route) return undefined;
    const { name, maxConnections, perSecond } = route.rule;
    return { name, limits: { maxConnections, perSecond } };
  }

  /** There is no one host that could be asked. */
  probe(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#sites.values()].map((site) => site.close()));
    await this.#means.sources.close();
  }

  async #by(
    { exchangers, rule }: Found,
    policy: StoredPolicy['policy'] | undefined,
    envelope: Envelope,
    raw: Buffer,
  ): Promise<HandOverResult> {
    const enforced = policy?.mode === 'enforce' ? policy : undefined;
    const named = exchangers.filter(({ host }) => enforced === undefined || isNamedBy(enforced, host));
    if (named.length === 0) {
      const note = 'no mail exchanger of the domain is named by its MTA-STS policy';
      return { outcome: 'deferred', stage: 'CONNECT', reply: undefined, note, reason: 'TLS' };
    }
    const verified = enforced !== undefined || rule.tls === 'required';
    const until = performance.now() + PATIENCE * this.#settings.connectTimeoutMs;
    return this.#through(named, { envelope, raw, rule, verified, until });
  }

  async #through(exchangers: Found['exchangers'], attempt: Attempt): Promise<HandOverResult> {
    const { rule } = attempt;
    const site = this.#site(rule);
    if (!(await site.enter(attempt.until - performance.now()))) {
      return this.#closing === undefined
        ? brokenOff('CONNECT', 'no connection to the site became free')
        : TRANSPORT_CLOSED;
    }
    const attempts = new HostAttempts(this.#means, attempt, site);
    try {
      const hosts = orderHosts(exchangers, this.#random, (host) => site.holds(`${host} `));
      return this.#withPushback(rule, await attempts.deliver(this.#means.resting.last(hosts)));
    } finally {
      attempts.giveBackUnused();
      void site.leave(attempts.key, attempts.session);
    }
  }

  #site(rule: SiteRule): SiteConnections {
    const known = this.#sites.get(rule.name);
    if (known !== undefined) return known;
    const maxConnections = Math.min(rule.maxConnections, this.#settings.maxConnections);
    const site = new SiteConnections({ ...rule, maxConnections }, () => this.#sites.delete(rule.name));
    this.#sites.set(rule.name, site);
    return site;
  }

  #withPushback(rule: SiteRule, result: HandOverResult): HandOverResult {
    if (result.outcome !== 'deferred' && result.outcome !== 'refused') return result;
    if (result.reply === undefined) return result;
    const reaction = reactionTo(rule, result.reply);
    const seen = reaction === undefined ? 0 : this.#reactions.met(rule.name, reaction);
    const pushback = pushbackOf(rule, result.reply, seen);
    return pushback === undefined ? result : { ...result, pushback };
  }
}

/** A private authority comes to those that everybody knows; alone it would take their place. */
function authorities(ca: string | undefined): string | undefined {
  return ca === undefined ? undefined : [...getCACertificates('default'), ca].join('\n');
}
