import type { DnsLookup } from '../../../dns/dns-lookup.js';
import { readPolicyId } from '../../../domain/mta-sts-policy.js';
import { AnswerCache, type Kept } from './answer-cache.js';
import type { MtaStsPolicyRepository, StoredPolicy } from './mta-sts-policy.repository.js';
import type { PolicyFetcher } from './policy-fetcher.js';

type Policy = StoredPolicy['policy'];

/** A new id shows after this time; a fetch that failed is not tried again sooner. */
const LOOK_AGAIN_MS = 5 * 60_000;
/** RFC 8461 section 3.3: a policy is to be fetched again daily although its id has not changed. */
const REFRESH_SECONDS = 24 * 60 * 60;
const MOST_DOMAINS = 20_000;

/** What recipient domains demand of TLS by MTA-STS (RFC 8461). */
export class MtaStsPolicies {
  readonly #policies = new AnswerCache((domain) => this.#ask(domain), MOST_DOMAINS);

  constructor(
    private readonly dns: Pick<DnsLookup, 'txt'>,
    private readonly repository: MtaStsPolicyRepository,
    private readonly fetcher: Pick<PolicyFetcher, 'fetch'>,
  ) {}

  /** Rejects when the database cannot be asked: without it nobody knows what was promised to the domain. */
  policyFor(domain: string): Promise<Policy | undefined> {
    return this.#policies.get(domain);
  }

  /**
   * What was fetched before holds until it runs out, whatever DNS and the web server say today: who
   * could take them away would else take away the policy (RFC 8461 section 5.1).
   */
  async #ask(domain: string): Promise<Kept<Policy | undefined>> {
    const [stored, records] = await Promise.all([this.repository.find(domain), this.dns.txt(`_mta-sts.${domain}`)]);
    const id = records.kind === 'found' ? readPolicyId(records.records) : undefined;
    const isCurrent = stored !== undefined && stored.id === id && stored.age < REFRESH_SECONDS;
    if (id !== undefined && !isCurrent) {
      const fetched = await this.fetcher.fetch(domain);
      if (fetched !== undefined) {
        await this.repository.save(domain, id, fetched);
        return { answer: fetched, keepMs: LOOK_AGAIN_MS };
      }
    }
    const keepMs = Math.min(LOOK_AGAIN_MS, (stored?.left ?? Number.POSITIVE_INFINITY) * 1000);
    return { answer: stored?.policy, keepMs };
  }
}
