import type { Refusal } from './hand-over-outcome.js';
import { parseReply } from './smtp-reply.js';
import type { HandOverStage } from '../transport.js';

interface LogEntry {
  readonly tnx?: string;
}

/**
 * Follows the opening of one connection. nodemailer's errors do not tell where they happened, so it
 * is given this object as its logger with `transactionLog`: every command is announced just before
 * it is written, every reply just before it is acted on.
 */
export class OpeningLog {
  stage: HandOverStage = 'GREETING';
  /** Keywords of the last EHLO with their parameters. */
  readonly extensions = new Map<string, string>();
  refusal: Refusal | undefined;

  /** Commands whose reply is still to come. */
  readonly #awaiting: HandOverStage[] = ['GREETING'];

  constructor(private readonly onStage: (previous: HandOverStage) => void) {}

  /** The next commands belong to the authentication. */
  authenticating(): void {
    this.#enter('AUTH');
  }

  debug(entry: LogEntry, text: string): void {
    if (entry.tnx === 'client') this.#sent(text);
    else if (entry.tnx === 'server') this.#received(text);
  }

  info(): void {}

  warn(): void {}

  error(): void {}

  #sent(command: string): void {
    const stage = stageOf(command);
    if (stage !== undefined) this.#enter(stage);
    // What was offered in clear counts no longer under TLS (RFC 3207 section 4.2).
    if (stage === 'EHLO') this.extensions.clear();
    this.#awaiting.push(this.stage);
  }

  #received(text: string): void {
    const reply = parseReply(text);
    const stage = this.#awaiting.shift() ?? this.stage;
    this.refusal = reply === undefined || reply.code >= 400 ? { stage, reply } : undefined;
    if (stage === 'EHLO' && reply !== undefined && reply.code < 300) this.#readExtensions(text);
  }

  #readExtensions(text: string): void {
    for (const line of text.split(/\r?\n/).slice(1)) {
      const [keyword = '', ...parameters] = line.slice(4).trim().split(/\s+/);
      this.extensions.set(keyword.toUpperCase(), parameters.join(' '));
    }
  }

  #enter(stage: HandOverStage): void {
    const previous = this.stage;
    if (previous === stage) return;
    this.stage = stage;
    this.onStage(previous);
  }
}

function stageOf(command: string): HandOverStage | undefined {
  if (command.startsWith('EHLO ') || command.startsWith('HELO ')) return 'EHLO';
  return command === 'STARTTLS' ? 'TLS' : undefined;
}
