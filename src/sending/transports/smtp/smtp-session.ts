import type { SecureContext } from 'node:tls';
import { needsUtf8, transactionCommands } from './envelope-commands.js';
import { brokenOff } from './hand-over-outcome.js';
import { ReplyReader } from './reply-reader.js';
import { dial, faultCode, tlsOptionsFor } from './smtp-dial.js';
import { type Ready, SmtpHandshake } from './smtp-handshake.js';
import type { SmtpSettings } from './smtp-settings.js';
import { SmtpTransaction, type Step, type WriteStep } from './smtp-transaction.js';
import type { Envelope, HandOverResult } from '../transport.js';
import { wireBody } from './wire-body.js';

/** An open, authenticated session, or why there is none. */
export type Opened = { readonly session: SmtpSession } | { readonly fault: HandOverResult };

/** Larger messages are written in slices, each when there is room for it on the wire. */
const SLICE_BYTES = 64 * 1024;

/** Slowest upload that is waited for, or a relay that stops reading holds a slot. */
const MIN_UPLOAD_BYTES_PER_MS = 32;

const QUIT_TIMEOUT_MS = 1000;

/** The message in hand. */
interface Current {
  readonly transaction: SmtpTransaction;
  readonly commands: Readonly<Record<WriteStep, string>>;
  readonly raw: Buffer;
  readonly settle: (result: HandOverResult) => void;
  /** How much of the message has been given to the socket. */
  taken: number;
}

/**
 * One connection to a relay. Used by one message at a time. nodemailer opens it; the transactions
 * are ours, because its dialogue costs several times what the socket does, and because it cannot
 * tell a hang before DATA from one after the final dot.
 */
export class SmtpSession {
  /** Messages tried on this connection. */
  used = 0;
  /** Called when the connection is gone. */
  onEnd: (() => void) | undefined;

  readonly #socket: Ready['socket'];
  readonly #extensions: Ready['extensions'];
  readonly #replies = new ReplyReader();
  #current: Current | undefined;
  #timer: NodeJS.Timeout | undefined;
  #timedOut = false;
  #fault: string | undefined;
  #ended = false;
  #onGone: (() => void) | undefined;
  /** A refused transaction is still open at the relay. */
  #unclean = false;

  private constructor(
    private readonly settings: SmtpSettings,
    { socket, extensions }: Ready,
  ) {
    this.#socket = socket;
    this.#extensions = extensions;
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('drain', () => setImmediate(() => this.#writeSlice()));
    socket.on('error', (error) => (this.#fault ??= faultCode(error)));
    socket.on('end', () => this.#hungUp());
    socket.on('close', () => this.#hungUp());
  }

  static async open(settings: SmtpSettings, secureContext: SecureContext): Promise<Opened> {
    const deadline = Date.now() + settings.connectTimeoutMs;
    const tls = tlsOptionsFor(settings, secureContext);
    const socket = await dial(settings, tls, deadline);
    if ('note' in socket) return { fault: brokenOff(socket.stage, socket.note) };
    return new Promise((resolve) => {
      new SmtpHandshake(settings, socket, tls).run(deadline - Date.now(), (ending) =>
        resolve('socket' in ending ? { session: new SmtpSession(settings, ending) } : { fault: ending }),
      );
    });
  }

  get alive(): boolean {
    return !this.#ended;
  }

  /** Hands one message over. What is certain at the end follows from the stage alone. */
  send(envelope: Envelope, raw: Buffer): Promise<HandOverResult> {
    const impossible = this.#impossible(envelope, raw);
    if (impossible !== undefined) {
      return Promise.resolve({ outcome: 'refused', stage: 'MAIL', reply: undefined, note: impossible });
    }
    this.used += 1;
    if (this.#ended) return Promise.resolve(brokenOff('MAIL', this.#fault ?? 'the relay closed the connection'));
    const commands = transactionCommands(envelope, raw.length, this.#extensions);
    return new Promise((settle) => {
      const transaction = new SmtpTransaction(this.#extensions.has('PIPELINING'));
      this.#current = { transaction, commands, raw, settle, taken: 0 };
      this.#arm(this.settings.commandTimeoutMs);
      this.#do(this.#unclean ? 'RSET' : 'ENVELOPE', this.#current);
    });
  }

  /**
   * True when a connection that had been used before turned out to be dead: nobody has answered
   * MAIL, so the message was certainly not sent and another connection may do better at once.
   */
  wasStale(result: HandOverResult): boolean {
    if (this.used < 2 || this.#timedOut || result.outcome !== 'deferred' || result.stage !== 'MAIL') return false;
    return result.reply === undefined || result.reply.code === 421;
  }

  /** Ends the session politely, but never waits long for the relay to agree. */
  quit(): Promise<void> {
    if (this.#ended) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onGone = resolve;
      this.#arm(QUIT_TIMEOUT_MS);
      this.#socket.write('QUIT\r\n');
    });
  }

  /** Why the relay cannot take this message at all; told before a byte of it is written. */
  #impossible(envelope: Envelope, raw: Buffer): string | undefined {
    if (needsUtf8(envelope) && !this.#extensions.has('SMTPUTF8')) return 'the relay does not support SMTPUTF8';
    const limit = Number(this.#extensions.get('SIZE') ?? 0);
    if (limit > 0 && raw.length > limit) return `the message is larger than the ${limit} bytes the relay takes`;
    return undefined;
  }

  #read(chunk: Buffer): void {
    if (this.#ended) return;
    const current = this.#current;
    let step: Step = 'wait';
    for (const reply of this.#replies.read(chunk)) {
      // Behind the end of a transaction, unasked between two, or the answer to QUIT.
      if (current === undefined || step === 'OVER') return this.#close('the replies are out of step');
      step = current.transaction.received(reply);
    }
    if (this.#replies.overflown) this.#close('the relay does not keep to SMTP');
    // Only after everything that was read: a reply behind the one that lets us write is out of step.
    else if (current !== undefined && step !== 'wait') this.#do(step, current);
  }

  #do(step: Exclude<Step, 'wait'>, current: Current): void {
    const { transaction, commands, raw } = current;
    if (step === 'OVER') {
      if (transaction.usable) this.#settle('');
      else this.#close('');
    } else if (step === 'BODY') {
      transaction.beginBody();
      if (raw.length > SLICE_BYTES) this.#watchUpload(current);
      this.#writeSlice();
    } else {
      transaction.wrote(step);
      this.#socket.write(commands[step]);
    }
  }

  /** A slice, or the whole message where it is small: body and final dot leave as one segment. */
  #writeSlice(): void {
    const current = this.#current;
    if (current === undefined || current.transaction.stage !== 'BODY') return;
    const { transaction, raw, taken } = current;
    const end = Math.min(taken + SLICE_BYTES, raw.length);
    const slice = wireBody(raw, taken, end);
    current.taken = end;
    if (end === raw.length) {
      transaction.endBody();
      this.#arm(this.settings.finalReplyTimeoutMs);
    }
    const room = this.#socket.write(slice);
    // As a rule a slice fills the socket's buffer, and `drain` asks for the next one.
    if (room && end < raw.length) setImmediate(() => this.#writeSlice());
  }

  /** The upload goes on while each period moves its share of the message, and one period more for the end. */
  #watchUpload(current: Current): void {
    const period = this.settings.commandTimeoutMs;
    const { taken, raw } = current;
    const enough = Math.min(raw.length - taken, MIN_UPLOAD_BYTES_PER_MS * period);
    this.#arm(period, () => (current.taken - taken < enough ? this.#expire() : this.#watchUpload(current)));
  }

  /** Each deadline is a total one: a relay that drips a byte at a time does not prolong it. */
  #arm(ms: number, then: () => void = () => this.#expire()): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(then, ms);
  }

  #expire(): void {
    this.#timedOut = true;
    this.#close('timed out');
  }

  #hungUp(): void {
    this.#current?.transaction.torn(this.#replies.unfinished);
    this.#close(this.#fault ?? 'the relay closed the connection');
  }

  #close(note: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#socket.destroy();
    this.#settle(note);
    this.onEnd?.();
    this.#onGone?.();
  }

  #settle(note: string): void {
    clearTimeout(this.#timer);
    const current = this.#current;
    // An idle connection must not keep the last message in memory.
    this.#current = undefined;
    if (current === undefined) return;
    const result = current.transaction.result(note);
    this.#unclean = result.outcome !== 'accepted';
    current.settle(result);
  }
}
