import { specialTarget } from '../../../domain/target-address.js';
import { orderTargets, type Target } from '../../../domain/target-order.js';
import type { DnsAnswer, DnsLookup } from '../../../dns/dns-lookup.js';
import { AnswerCache, type Kept } from './answer-cache.js';
import { type DirectSettings, usableFamilies } from './direct-settings.js';

type Settings = Pick<DirectSettings, 'addressFamily' | 'allowPrivateTargets' | 'sourceAddresses'>;

/** Addresses that may be dialled, or why there are none. */
export type Targets =
  | { readonly kind: 'found'; readonly targets: readonly Target[] }
  | { readonly kind: 'none'; readonly why: string }
  | { readonly kind: 'failed'; readonly code: string };

const KEEP_MS = 5 * 60_000;
const KEEP_FAILURE_MS = 15_000;
const MOST_HOSTS = 20_000;

/**
 * The addresses of hosts. What they are is looked at here, and what is given out is what is dialled:
 * a second look-up could say something else (DNS rebinding).
 */
export class HostAddresses {
  readonly #answers = new AnswerCache((host) => this.#ask(host), MOST_HOSTS);

  constructor(
    private readonly dns: Pick<DnsLookup, 'ipv4' | 'ipv6'>,
    private readonly settings: Settings,
    private readonly random: () => number,
  ) {}

  /** In the order in which they are to be dialled. */
  async of(host: string): Promise<Targets> {
    const found = await this.#answers.get(host);
    if (found.kind !== 'found') return found;
    return { kind: 'found', targets: orderTargets(found.targets, this.settings.addressFamily, this.random()) };
  }

  async #ask(host: string): Promise<Kept<Targets>> {
    const answers = await Promise.all(usableFamilies(this.settings).map((family) => this.#addresses(host, family)));
    const answer = this.#allowed(
      answers.flatMap(({ targets }) => targets),
      answers.find(({ failed }) => failed !== undefined)?.failed,
    );
    return { answer, keepMs: answer.kind === 'failed' ? KEEP_FAILURE_MS : KEEP_MS };
  }

  async #addresses(host: string, family: 4 | 6): Promise<{ targets: readonly Target[]; failed: string | undefined }> {
    const answer: DnsAnswer<string> = await (family === 4 ? this.dns.ipv4(host) : this.dns.ipv6(host));
    const found = answer.kind === 'found' ? answer.records : [];
    return {
      targets: found.map((address) => ({ address, family })),
      failed: answer.kind === 'failed' ? answer.code : undefined,
    };
  }

  #allowed(all: readonly Target[], failed: string | undefined): Targets {
    const problems = all.map((target) => ({ target, problem: this.#problem(target) }));
    const targets = problems.filter(({ problem }) => problem === undefined).map(({ target }) => target);
    if (targets.length > 0) return { kind: 'found', targets };
    if (failed !== undefined) return { kind: 'failed', code: failed };
    return { kind: 'none', why: problems[0]?.problem ?? 'no address' };
  }

  #problem({ address }: Target): string | undefined {
    if (this.settings.sourceAddresses.some((source) => source.address === address)) return 'our own address';
    const special = this.settings.allowPrivateTargets ? undefined : specialTarget(address);
    return special === undefined ? undefined : `a ${special} address`;
  }
}
