import { secureContextFor } from './smtp-dial.js';
import { SmtpConnectionPool } from './smtp-connection-pool.js';
import { SmtpSession } from './smtp-session.js';
import type { SmtpSettings } from './smtp-settings.js';
import { type Envelope, type HandOverResult, Transport } from './transport.js';

/** RFC 5321 section 4.5.3.1: 64 for the local part, 255 for the domain, and the @. */
const MAX_ADDRESS_BYTES = 320;

/** Hands mail over to one relay. */
export class SmtpTransport extends Transport {
  readonly name: string;
  readonly #pool: SmtpConnectionPool;

  constructor(settings: SmtpSettings) {
    super();
    this.name = settings.name;
    const secureContext = secureContextFor(settings);
    this.#pool = new SmtpConnectionPool(settings, () => SmtpSession.open(settings, secureContext));
  }

  async handOver(envelope: Envelope, raw: Buffer): Promise<HandOverResult> {
    const { from, to } = envelope;
    if (to === '' || !isWireSafe(to) || !isWireSafe(from)) {
      return { outcome: 'refused', stage: 'MAIL', reply: undefined, note: 'the envelope is not fit for the wire' };
    }
    const opened = await this.#pool.acquire();
    if ('fault' in opened) return opened.fault;
    const result = await opened.session.send(envelope, raw);
    if (opened.session.wasStale(result)) return this.#again(envelope, raw);
    void this.#pool.release(opened.session);
    return result;
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

/** Addresses were parsed at the edge; whatever could end or split a command is refused all the same. */
function isWireSafe(address: string): boolean {
  return !/[\s\p{Cc}\p{Cs}\p{Z}<>]/u.test(address) && Buffer.byteLength(address) <= MAX_ADDRESS_BYTES;
}
