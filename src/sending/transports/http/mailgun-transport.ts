import { randomUUID } from 'node:crypto';
import { type Envelope, type HandOverResult, type OutgoingMail, type ProbeResult, Transport } from '../transport.js';
import { formData } from './form-data.js';
import { type HttpAnswer, HttpExchange } from './http-exchange.js';
import { probeResultOf } from './http-probe.js';
import { outcomeOf, UNFIT_ENVELOPE } from './http-outcome.js';
import { jsonObject, textIn } from '../../../domain/json-object.js';
import { RECIPIENT_TAG } from '../../../domain/recipient-key.js';
import { MAILGUN } from './mailgun-answers.js';
import { isOneMailbox } from './one-mailbox.js';
import type { MailgunSettings } from './mailgun-settings.js';

/**
 * Hands the rendered octets over to Mailgun, which takes MIME. There is no place for an envelope
 * sender: Mailgun's return path is an address of its own under the sending domain, as it wants the
 * bounces itself. It knows no idempotency key.
 */
export class MailgunTransport extends Transport {
  readonly name: string;
  readonly #settings: MailgunSettings;
  readonly #exchange: HttpExchange;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(settings: MailgunSettings) {
    super();
    this.name = settings.name;
    this.#settings = settings;
    this.#exchange = new HttpExchange({ ...settings, secure: new URL(settings.baseUrl).protocol === 'https:' });
    const credentials = Buffer.from(`api:${settings.apiKey}`).toString('base64');
    this.#headers = { authorization: `Basic ${credentials}`, 'user-agent': 'postern', accept: 'application/json' };
  }

  async handOver(envelope: Envelope, mail: OutgoingMail): Promise<HandOverResult> {
    if (!isOneMailbox(envelope)) return UNFIT_ENVELOPE;
    const boundary = `postern-${randomUUID()}`;
    const exchanged = await this.#exchange.send({
      method: 'POST',
      url: this.#url(`/v3/${encodeURIComponent(this.#settings.domain)}/messages.mime`),
      headers: { ...this.#headers, 'content-type': `multipart/form-data; boundary=${boundary}` },
      body: formData(
        [
          { name: 'to', value: envelope.to },
          // It would rewrite links and add an image to a mail that is to stay as it is.
          { name: 'o:tracking', value: 'no' },
          { name: 'o:tracking-clicks', value: 'no' },
          { name: 'o:tracking-opens', value: 'no' },
          // Both come back in every event about this mail; the first is for whoever looks at their logs.
          { name: 'v:postern-id', value: mail.composition.correlationId },
          { name: `v:${RECIPIENT_TAG}`, value: envelope.recipientKey },
          { name: 'message', value: mail.raw, file: { name: 'message.eml', type: 'message/rfc822' } },
        ],
        boundary,
      ),
    });
    return outcomeOf(exchanged, MAILGUN, Date.now());
  }

  /** Asks for the sending domain: that needs the key, the region and the domain to be right. */
  async probe(): Promise<ProbeResult> {
    const url = this.#url(`/v4/domains/${encodeURIComponent(this.#settings.domain)}`);
    const exchanged = await this.#exchange.send({ method: 'GET', url, headers: this.#headers });
    const result = probeResultOf(exchanged, MAILGUN);
    const state = exchanged.got === 'answer' ? domainState(exchanged.answer) : undefined;
    if (!result.alive || state === undefined || state === 'active') return result;
    return { alive: false, note: `the sending domain is ${state}` };
  }

  close(): Promise<void> {
    return this.#exchange.close();
  }

  #url(path: string): URL {
    return new URL(`${this.#settings.baseUrl.replace(/\/$/, '')}${path}`);
  }
}

/** active, unverified or disabled. */
function domainState({ body }: HttpAnswer): string | undefined {
  const domain = jsonObject(body)?.domain;
  return textIn(domain as Readonly<Record<string, unknown>> | undefined, 'state');
}
