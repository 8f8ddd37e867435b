import type { SendEmailCommandInput } from '@aws-sdk/client-sesv2';
import { HttpExchange } from '../http/http-exchange.js';
import { outcomeOf, UNFIT_ENVELOPE } from '../http/http-outcome.js';
import { probeResultOf } from '../http/http-probe.js';
import { jsonObject } from '../../../domain/json-object.js';
import { RECIPIENT_TAG } from '../../../domain/recipient-key.js';
import { isOneMailbox } from '../http/one-mailbox.js';
import { type Envelope, type HandOverResult, type OutgoingMail, type ProbeResult, Transport } from '../transport.js';
import { SES } from './ses-answers.js';
import { type LoadPackage, SesClient } from './ses-client.js';
import type { SesSettings } from './ses-settings.js';

/** SES offers no SMTPUTF8: only the domain may be other than ASCII, and that is written as A-labels. */
const NO_UTF8: HandOverResult = {
  outcome: 'refused',
  stage: 'MAIL',
  reply: undefined,
  note: 'Amazon SES takes no mailbox name that is not ASCII',
  reason: 'POLICY',
};

/**
 * Hands the rendered octets over to Amazon SES. Its return path is an address of its own, or of the
 * MAIL FROM domain set there for the identity, so the envelope sender is not passed on. It keeps no
 * idempotency key, and puts a Message-ID and a Date of its own in place of ours.
 */
export class SesTransport extends Transport {
  readonly name: string;
  readonly #settings: SesSettings;
  readonly #exchange: HttpExchange;
  readonly #client: SesClient;

  constructor(settings: SesSettings, load: LoadPackage = () => import('@aws-sdk/client-sesv2')) {
    super();
    this.name = settings.name;
    this.#settings = settings;
    const { endpoint, timeoutMs, maxConnections } = settings;
    const secure = endpoint === undefined || new URL(endpoint).protocol === 'https:';
    this.#exchange = new HttpExchange({ secure, timeoutMs, maxConnections });
    this.#client = new SesClient(settings, this.#exchange, load);
  }

  async handOver(envelope: Envelope, mail: OutgoingMail): Promise<HandOverResult> {
    if (!isOneMailbox(envelope)) return UNFIT_ENVELOPE;
    if (/\P{ASCII}/u.test(envelope.to)) return NO_UTF8;
    const called = await this.#client.sendEmail(this.#input(envelope, mail));
    if (called.got !== 'no_request') return outcomeOf(called, SES, Date.now());
    const { note } = called;
    return { outcome: 'deferred', stage: 'CONNECT', reply: undefined, note, reason: 'PROVIDER_CONFIGURATION' };
  }

  /** Asks for the account: that needs the credentials and the region, and tells the quota. */
  async probe(): Promise<ProbeResult> {
    const called = await this.#client.getAccount();
    if (called.got === 'no_request') return { alive: false, note: called.note };
    const result = probeResultOf(called, SES);
    const account = called.got === 'answer' && result.alive ? jsonObject(called.answer.body) : undefined;
    if (account === undefined) return result;
    const quota = quotaIn(account.SendQuota);
    if (account.SendingEnabled === false)
      return { alive: false, note: 'sending is switched off for the account', quota };
    return { ...result, quota };
  }

  close(): Promise<void> {
    return this.#exchange.close();
  }

  #input({ to, recipientKey }: Envelope, { raw, composition }: OutgoingMail): SendEmailCommandInput {
    const { configurationSet } = this.#settings;
    return {
      // The identity that has to be verified: the mailbox of the From header.
      FromEmailAddress: composition.from.address.value,
      Destination: { ToAddresses: [to] },
      Content: { Raw: { Data: raw } },
      // Both come back in every event; the first is for whoever looks at their console.
      EmailTags: [
        { Name: 'postern-id', Value: composition.correlationId },
        { Name: RECIPIENT_TAG, Value: recipientKey },
      ],
      ...(configurationSet === undefined ? {} : { ConfigurationSetName: configurationSet }),
    };
  }
}

/** What GetAccount calls SendQuota; -1 stands for no limit. */
function quotaIn(value: unknown): NonNullable<ProbeResult['quota']> {
  const { MaxSendRate, Max24HourSend, SentLast24Hours } = (value ?? {}) as Readonly<Record<string, unknown>>;
  return {
    ...(isLimit(MaxSendRate) ? { perSecond: MaxSendRate } : {}),
    ...(isLimit(Max24HourSend) ? { perDay: Max24HourSend } : {}),
    ...(isLimit(SentLast24Hours) ? { sentInLastDay: SentLast24Hours } : {}),
  };
}

function isLimit(value: unknown): value is number {
  return typeof value === 'number' && value >= 0;
}
