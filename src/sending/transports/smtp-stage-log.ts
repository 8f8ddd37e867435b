import { parseReply } from './smtp-reply.js';
import type { HandOverStage, SmtpReply } from './transport.js';

/** The first reply that ended a transaction other than well, and where. */
export interface Refusal {
  readonly stage: HandOverStage;
  /** Undefined when what came was not an SMTP reply. */
  readonly reply: SmtpReply | undefined;
}

interface LogEntry {
  readonly tnx?: string;
}

/**
 * Follows the dialogue of one connection. nodemailer cannot tell a hang before DATA from one after
 * the final dot (both are ETIMEDOUT), so it is given this object as its logger with
 * `transactionLog`: every command is announced just before it is written, every reply just before
 * it is acted on, and an entry `message` after the final dot. The body itself is only ever logged
 * with `debug`, which stays off.
 */
export class SmtpStageLog {
  stage: HandOverStage = 'GREETING';
  /** Keywords of the last EHLO with their parameters. */
  readonly extensions = new Map<string, string>();
  refusal: Refusal | undefined;
  finalReply: SmtpReply | undefined;

  #opening = true;
  /** Commands whose reply is still to come: with PIPELINING several at a time (RFC 2920). */
  #awaiting: (HandOverStage | 'RSET')[] = ['GREETING'];

  constructor(private readonly onStage: (stage: HandOverStage, previous: HandOverStage) => void) {}

  /** The next commands belong to the authentication. */
  authenticating(): void {
    this.#enter('AUTH');
  }

  /** The session is ready, or has been reset: the next command belongs to a new transaction. */
  begin(): void {
    this.#opening = false;
    this.#awaiting = [];
    this.refusal = undefined;
    this.finalReply = undefined;
    this.#enter('MAIL');
  }

  debug(entry: LogEntry, text: string): void {
    if (entry.tnx === 'client') this.#sent(text);
    else if (entry.tnx === 'server') this.#received(text);
  }

  info(entry: LogEntry): void {
    if (entry.tnx === 'message') this.#enter('FINAL_REPLY');
  }

  warn(): void {}

  error(): void {}

  #sent(command: string): void {
    if (this.#opening) {
      const stage = openingStage(command);
      if (stage !== undefined) this.#enter(stage);
      this.#awaiting.push(this.stage);
      return;
    }
    if (command.startsWith('MAIL ')) this.#awaiting.push('MAIL');
    else if (command.startsWith('RCPT ')) this.#awaiting.push('RCPT');
    else if (command === 'DATA') this.#awaiting.push('DATA');
    else if (command === 'RSET') this.#awaiting.push('RSET');
    // A lone dot (354 although the recipient was refused) changes nothing: the refusal is on record.
  }

  #received(text: string): void {
    const reply = parseReply(text);
    if (this.#opening) this.#openingReply(text, reply);
    else this.#transactionReply(reply);
  }

  #openingReply(text: string, reply: SmtpReply | undefined): void {
    const stage = this.#next();
    if (reply === undefined || reply.code >= 400) this.refusal = { stage, reply };
    else this.refusal = undefined;
    if (stage === 'EHLO' && reply !== undefined && reply.code < 300) this.#readExtensions(text);
  }

  #transactionReply(reply: SmtpReply | undefined): void {
    if (this.#awaiting[0] === 'RSET') {
      this.#awaiting.shift();
      return;
    }
    const stage = this.#next();
    const wanted = stage === 'DATA' ? isGoAhead(reply) : isPositive(reply);
    if (stage === 'FINAL_REPLY' || stage === 'BODY') {
      // A reply while the body is still being written is an answer to something unfinished.
      if (stage === 'FINAL_REPLY' && isPositive(reply)) this.finalReply = reply;
      else this.refusal ??= { stage, reply };
      return;
    }
    if (!wanted) this.refusal ??= { stage, reply };
    if (stage === 'DATA') {
      if (wanted && this.refusal === undefined) this.#enter('BODY');
    } else {
      this.#enter(stage === 'MAIL' ? 'RCPT' : 'DATA');
    }
  }

  #next(): HandOverStage {
    const stage = this.#awaiting.shift();
    return stage === undefined || stage === 'RSET' ? this.stage : stage;
  }

  #readExtensions(text: string): void {
    this.extensions.clear();
    for (const line of text.split(/\r?\n/).slice(1)) {
      const [keyword = '', ...parameters] = line.slice(4).trim().split(/\s+/);
      this.extensions.set(keyword.toUpperCase(), parameters.join(' '));
    }
  }

  #enter(stage: HandOverStage): void {
    const previous = this.stage;
    if (previous === stage) return;
    this.stage = stage;
    this.onStage(stage, previous);
  }
}

function openingStage(command: string): HandOverStage | undefined {
  if (command.startsWith('EHLO ') || command.startsWith('HELO ')) return 'EHLO';
  return command === 'STARTTLS' ? 'TLS' : undefined;
}

function isPositive(reply: SmtpReply | undefined): boolean {
  return reply !== undefined && reply.code < 300;
}

/** 354; nodemailer also takes a 2xx for it, and writes the body. */
function isGoAhead(reply: SmtpReply | undefined): boolean {
  return reply !== undefined && reply.code < 400;
}
