import type { SecureContext } from 'node:tls';
import { reactionTo } from '../../../domain/site-reaction.js';
import type { SiteRule } from '../../../domain/site-rules.js';
import type { Target } from '../../../domain/target-order.js';
import { type Opened, SmtpSession } from '../smtp/smtp-session.js';
import type { SmtpSettings } from '../smtp/smtp-settings.js';
import type { Envelope, HandOverResult, HandOverStage } from '../transport.js';
import type { DirectSettings } from './direct-settings.js';
import type { HostAddresses } from './host-addresses.js';
import { noAnswer, nothingLeft, undeliverable, withoutDatabase } from './no-way.js';
import type { RestingHosts } from './resting-hosts.js';
import type { SiteConnections } from './site-connections.js';
import type { SourceAddresses, TakenSource } from './source-addresses.js';

type NotSent = Extract<HandOverResult, { outcome: 'deferred' | 'refused' }>;

/** What one message is tried with. */
export interface Attempt {
  readonly envelope: Envelope;
  readonly raw: Buffer;
  readonly rule: SiteRule;
  /** Nothing in clear, and the certificate has to be the host's. */
  readonly verified: boolean;
  /** No further host is begun after this time (of `performance.now()`). */
  readonly until: number;
}

interface Means {
  readonly settings: DirectSettings;
  readonly secureContext: SecureContext;
  readonly addresses: HostAddresses;
  readonly sources: SourceAddresses;
  readonly resting: RestingHosts;
}

/** One address of a host, and ours to come from. */
interface Dial {
  readonly host: string;
  readonly target: Target;
  readonly source: TakenSource;
}

/** A domain with more hosts than this is either well served by the first ones or not at all. */
const MOST_DIALS = 5;
const DIALS_PER_HOST = 2;

/** What goes wrong here is about the host: nothing was said about the message, and another host may take it. */
const ABOUT_THE_HOST: ReadonlySet<HandOverStage> = new Set(['CONNECT', 'GREETING', 'EHLO', 'TLS']);

/** Takes one message to the hosts of its site, one after the other, until one has answered for it. */
export class HostAttempts {
  /** The connection that carried it, and its key. */
  session: SmtpSession | undefined;
  key = '';
  #dials = 0;
  /** Why a host was passed over without a dial; what is certain least counts. */
  #passedOver: NotSent | undefined;
  #last: HandOverResult | undefined;
  readonly #taken = new Map<4 | 6, TakenSource | undefined>();

  constructor(
    private readonly means: Means,
    private readonly attempt: Attempt,
    private readonly connections: SiteConnections,
  ) {}

  async deliver(hosts: readonly string[]): Promise<HandOverResult> {
    for (const host of hosts) {
      if (this.#isOver()) return this.#last ?? noAnswer('ETIMEOUT');
      const result = await this.#to(host);
      if (result !== undefined) return result;
    }
    return this.#last ?? this.#passedOver ?? undeliverable('no mail exchanger of the domain has an address (5.4.4)');
  }

  /** Gives back the allowance of addresses that nothing was sent from. */
  giveBackUnused(): void {
    for (const source of this.#taken.values()) source?.giveBack();
  }

  /** Undefined when the next host is to be tried. */
  async #to(host: string): Promise<HandOverResult | undefined> {
    const found = await this.means.addresses.of(host);
    if (found.kind === 'failed') this.#passOver(noAnswer(found.code));
    if (found.kind === 'none')
      this.#passOver(undeliverable(`the mail exchanger of the domain has ${found.why} (5.4.4)`));
    if (found.kind !== 'found') return undefined;
    for (const target of found.targets.slice(0, DIALS_PER_HOST)) {
      if (this.#isOver()) return this.#last;
      const source = await this.#source(target.family);
      if (source === undefined) continue;
      this.#dials += 1;
      const result = await this.#at({ host, target, source });
      if (this.#decides(result)) return result;
      this.#last = result;
    }
    return undefined;
  }

  /** The first host is always tried. */
  #isOver(): boolean {
    const begun = this.#last !== undefined || this.#passedOver !== undefined;
    return begun && (this.#dials >= MOST_DIALS || performance.now() > this.attempt.until);
  }

  #decides(result: HandOverResult): boolean {
    if (result.outcome !== 'deferred' || !ABOUT_THE_HOST.has(result.stage)) return true;
    // The words of a site that asks for less are not passed over by asking its next host.
    return result.reply !== undefined && reactionTo(this.attempt.rule, result.reply) !== undefined;
  }

  async #source(family: 4 | 6): Promise<TakenSource | undefined> {
    const { sources } = this.means;
    if (!this.#taken.has(family)) {
      const taken = await sources.take(this.attempt.rule.name, family).catch(() => 'unknown' as const);
      if (taken === 'unknown') this.#passOver(withoutDatabase());
      else if (taken === undefined) this.#passOver(nothingLeft(sources.spentPushback()));
      this.#taken.set(family, taken === 'unknown' ? undefined : taken);
    }
    return this.#taken.get(family);
  }

  async #at(dial: Dial): Promise<HandOverResult> {
    if (this.attempt.verified) {
      const result = await this.#over(dial, 'required');
      return failedTls(result) ? { ...result, reason: 'TLS' } : result;
    }
    if (this.connections.holds(keyOf(dial, 'off'))) return this.#over(dial, 'off');
    const result = await this.#over(dial, 'opportunistic');
    // The alternative to opportunistic TLS that does not work is none (RFC 7435 section 3).
    return failedTls(result) ? this.#over(dial, 'off') : result;
  }

  async #over(dial: Dial, tls: SmtpSettings['tls']): Promise<HandOverResult> {
    this.key = keyOf(dial, tls);
    const idle = this.connections.take(this.key);
    const opened = idle === undefined ? await this.#open(dial, tls) : { session: idle };
    if ('fault' in opened) return opened.fault;
    this.#taken.delete(dial.target.family);
    const result = await this.#send(opened.session);
    if (!opened.session.wasStale(result)) return result;
    const again = await this.#open(dial, tls);
    return 'fault' in again ? again.fault : this.#send(again.session);
  }

  async #open(dial: Dial, tls: SmtpSettings['tls']): Promise<Opened> {
    const settings = this.#settings(dial, tls);
    const opened = await this.connections.open(() => SmtpSession.open(settings, this.means.secureContext));
    if ('session' in opened) this.means.resting.answered(dial.host);
    else if (isUnreachable(opened.fault)) this.means.resting.failed(dial.host);
    return opened;
  }

  #send(session: SmtpSession): Promise<HandOverResult> {
    this.session = session;
    // DATA: what a stranger's host that fails at BDAT costs is more than the round trip it saves.
    return session.send(this.attempt.envelope, this.attempt.raw, false);
  }

  #settings({ host, target, source }: Dial, tls: SmtpSettings['tls']): SmtpSettings {
    const { settings } = this.means;
    return {
      ...settings,
      messagesPerConnection: this.attempt.rule.messagesPerConnection,
      host,
      address: target.address,
      sourceAddress: source.address,
      secure: false,
      tls,
      auth: undefined,
      // The context has it; here it would have every certificate checked.
      ca: undefined,
      idleMs: 0,
    };
  }

  #passOver(why: NotSent): void {
    if (this.#passedOver === undefined || this.#passedOver.outcome === 'refused') this.#passedOver = why;
  }
}

function isUnreachable(fault: HandOverResult): boolean {
  return fault.outcome === 'deferred' && (fault.stage === 'CONNECT' || fault.stage === 'GREETING');
}

function failedTls(result: HandOverResult): result is NotSent {
  return result.outcome === 'deferred' && result.stage === 'TLS';
}

/** What connections have to have in common to be used for one another. */
function keyOf({ host, target, source }: Dial, tls: SmtpSettings['tls']): string {
  return `${host} ${source.address ?? target.family} ${tls}`;
}
