import { type Envelope, type HandOverResult, type OutgoingMail, type ProbeResult, Transport } from '../transport.js';
import { HttpExchange } from './http-exchange.js';
import { outcomeOf, UNFIT_ENVELOPE } from './http-outcome.js';
import { probeResultOf } from './http-probe.js';
import { isOneMailbox } from './one-mailbox.js';
import { RESEND, resendError } from './resend-answers.js';
import { resendEmail } from './resend-email.js';
import type { ResendSettings } from './resend-settings.js';

/**
 * Hands the fields of a message over to Resend, which takes no MIME. An idempotency key is kept there
 * for 24 hours: asked again with it, Resend answers as it did the first time, so that a lost answer
 * can be had again without a second mail.
 */
export class ResendTransport extends Transport {
  readonly name: string;
  override readonly idempotent = true;
  readonly #baseUrl: string;
  readonly #exchange: HttpExchange;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(settings: ResendSettings) {
    super();
    this.name = settings.name;
    this.#baseUrl = settings.baseUrl.replace(/\/$/, '');
    this.#exchange = new HttpExchange({ ...settings, secure: new URL(settings.baseUrl).protocol === 'https:' });
    // Without a user agent it answers 403.
    this.#headers = { authorization: `Bearer ${settings.apiKey}`, 'user-agent': 'postern', accept: 'application/json' };
  }

  async handOver(envelope: Envelope, { composition }: OutgoingMail): Promise<HandOverResult> {
    if (!isOneMailbox(envelope)) return UNFIT_ENVELOPE;
    const exchanged = await this.#exchange.send({
      method: 'POST',
      url: new URL(`${this.#baseUrl}/emails`),
      headers: {
        ...this.#headers,
        'content-type': 'application/json',
        'idempotency-key': envelope.recipientKey,
      },
      body: Buffer.from(JSON.stringify(resendEmail(envelope, composition))),
    });
    return outcomeOf(exchanged, RESEND, Date.now());
  }

  async probe(): Promise<ProbeResult> {
    const url = new URL(`${this.#baseUrl}/domains`);
    const exchanged = await this.#exchange.send({ method: 'GET', url, headers: this.#headers });
    // A key that may only send is refused the list of domains by its name: so it was recognised.
    const restricted = exchanged.got === 'answer' && resendError(exchanged.answer)?.name === 'restricted_api_key';
    if (restricted && exchanged.answer.status === 401) return { alive: true, note: '' };
    return probeResultOf(exchanged, RESEND);
  }

  close(): Promise<void> {
    return this.#exchange.close();
  }
}
