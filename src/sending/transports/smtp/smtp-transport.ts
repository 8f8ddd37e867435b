import { isFitForWire } from './envelope-commands.js';
import { secureContextFor } from './smtp-dial.js';
import { SmtpConnectionPool } from './smtp-connection-pool.js';
import { SmtpSession } from './smtp-session.js';
import type { SmtpSettings } from './smtp-settings.js';
import { type Envelope, type HandOverResult, type OutgoingMail, type ProbeResult, Transport } from '../transport.js';

/** A look at the relay takes no longer than this in all, however patient the settings are with mail. */
const PROBE_MS = 5000;

/** Hands mail over to one relay. */
export class SmtpTransport extends Transport {
  readonly name: string;
  readonly #pool: SmtpConnectionPool;
  /** Until the relay refuses BDAT although it offers it. */
  #chunking = true;

  constructor(settings: SmtpSettings) {
    super();
    this.name = settings.name;
    const secureContext = secureContextFor(settings);
    this.#pool = new SmtpConnectionPool(settings, (withinMs) => SmtpSession.open(settings, secureContext, withinMs));
  }

  async handOver(envelope: Envelope, { raw }: OutgoingMail): Promise<HandOverResult> {
    if (!isFitForWire(envelope)) {
      return { outcome: 'refused', stage: 'MAIL', reply: undefined, note: 'the envelope is not fit for the wire' };
    }
    let opened = await this.#pool.acquire(envelope.lane);
    for (;;) {
      if ('fault' in opened) return opened.fault;
      const { session } = opened;
      const result = await session.send(envelope, raw, this.#chunking);
      if (session.chunkingFailed) this.#chunking = false;
      else if (!session.wasStale(result)) {
        void this.#pool.release(session);
        return result;
      }
      // Certainly not sent: once more on a fresh connection, which is not stale, or without BDAT, which ends it too.
      opened = await this.#pool.replace();
    }
  }

  /**
   * Asks an idle connection, or opens one. Undefined when all places are in use or kept for messages,
   * which then tell how the relay is.
   */
  async probe(): Promise<ProbeResult | undefined> {
    const started = Date.now();
    const spare = this.#pool.acquireSpare();
    if (spare === undefined) return undefined;
    const answer = await spare.idle?.noop(PROBE_MS);
    if (spare.idle !== undefined && answer !== undefined) {
      void this.#pool.release(spare.idle);
      return answer;
    }
    const opened = await this.#pool.replace(PROBE_MS - (Date.now() - started));
    if ('fault' in opened) return { alive: false, note: noteOf(opened.fault) };
    void this.#pool.release(opened.session);
    return { alive: true, note: '' };
  }

  close(): Promise<void> {
    return this.#pool.close();
  }
}

function noteOf(fault: HandOverResult): string {
  if (fault.outcome === 'accepted') return '';
  return 'reply' in fault && fault.reply !== undefined ? `${fault.note}: ${fault.reply.text}` : fault.note;
}
