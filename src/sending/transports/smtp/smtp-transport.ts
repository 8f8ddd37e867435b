import type { SecureContext } from 'node:tls';
import { isFitForWire } from './envelope-commands.js';
import { secureContextFor } from './smtp-dial.js';
import { SmtpConnectionPool } from './smtp-connection-pool.js';
import { SmtpSession } from './smtp-session.js';
import type { SmtpSettings } from './smtp-settings.js';
import { type Envelope, type HandOverResult, type OutgoingMail, type ProbeResult, Transport } from '../transport.js';

/** Hands mail over to one relay. */
export class SmtpTransport extends Transport {
  readonly name: string;
  readonly #settings: SmtpSettings;
  readonly #secureContext: SecureContext;
  readonly #pool: SmtpConnectionPool;

  constructor(settings: SmtpSettings) {
    super();
    this.name = settings.name;
    this.#settings = settings;
    this.#secureContext = secureContextFor(settings);
    this.#pool = new SmtpConnectionPool(settings, () => SmtpSession.open(settings, this.#secureContext));
  }

  async handOver(envelope: Envelope, { raw }: OutgoingMail): Promise<HandOverResult> {
    if (!isFitForWire(envelope)) {
      return { outcome: 'refused', stage: 'MAIL', reply: undefined, note: 'the envelope is not fit for the wire' };
    }
    const opened = await this.#pool.acquire();
    if ('fault' in opened) return opened.fault;
    const result = await opened.session.send(envelope, raw);
    if (opened.session.wasStale(result)) return this.#again(envelope, raw);
    void this.#pool.release(opened.session);
    return result;
  }

  /** Opens a connection up to being ready for a message, and ends it. */
  async probe(): Promise<ProbeResult> {
    const opened = await SmtpSession.open(this.#settings, this.#secureContext);
    if ('fault' in opened) return { alive: false, note: noteOf(opened.fault) };
    await opened.session.quit();
    return { alive: true, note: '' };
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  /** Once more on a fresh connection; only after a connection that was dead before MAIL was answered. */
  async #again(envelope: Envelope, raw: Buffer): Promise<HandOverResult> {
    const opened = await this.#pool.replace();
    if ('fault' in opened) return opened.fault;
    const result = await opened.session.send(envelope, raw);
    void this.#pool.release(opened.session);
    return result;
  }
}

function noteOf(fault: HandOverResult): string {
  if (fault.outcome === 'accepted') return '';
  return 'reply' in fault && fault.reply !== undefined ? `${fault.note}: ${fault.reply.text}` : fault.note;
}
