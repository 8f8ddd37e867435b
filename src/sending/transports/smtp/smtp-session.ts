import type { SecureContext } from 'node:tls';
import { needsUtf8, transactionCommands } from './envelope-commands.js';
import { brokenOff, CLOSING } from './hand-over-outcome.js';
import { ReplyReader } from './reply-reader.js';
import { dial, faultCode, tlsOptionsFor } from './smtp-dial.js';
import { type Ready, SmtpHandshake } from './smtp-handshake.js';
import { parseReply, replyCode } from './smtp-reply.js';
import type { SmtpSettings } from './smtp-settings.js';
import { type Dialogue, SmtpTransaction, type Step, type WriteStep } from './smtp-transaction.js';
import type { Envelope, HandOverResult, ProbeResult } from '../transport.js';
import { SLICE_BYTES, WireMessage } from './wire-message.js';

/** An open, authenticated session, or why there is none. */
export type Opened = { readonly session: SmtpSession } | { readonly fault: HandOverResult };

/** Slowest upload that is waited for, or a relay that stops reading holds a slot. */
const MIN_UPLOAD_BYTES_PER_MS = 32;

const QUIT_TIMEOUT_MS = 1000;

/** The longest that a timer waits. */
const NEVER_MS = 2 ** 31 - 1;

/** No relay ends a connection that was used so short a time ago for being idle. */
const SURELY_OPEN_MS = 1000;

/** The message in hand. */
interface Current {
  readonly transaction: SmtpTransaction;
  readonly commands: Readonly<Record<WriteStep, string>>;
  readonly message: WireMessage;
  readonly settle: (result: HandOverResult) => void;
}

/**
 * One connection to a relay. Used by one message at a time. nodemailer opens it; the transactions
 * are ours, because its dialogue costs several times what the socket does, and because it cannot
 * tell a hang before DATA from one after the final dot.
 */
export class SmtpSession {
  /** Messages tried on this connection. */
  used = 0;
  /** The relay offered BDAT and did not know it. */
  chunkingFailed = false;
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
  #onNoop: ((result: ProbeResult | undefined) => void) | undefined;
  /** A refused transaction is still open at the relay. */
  #unclean = false;
  /** When the relay last took a message in chunks. */
  #tookChunksAt = -Infinity;

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

  /** Opened and ready for a message, within the deadlines of the settings and `withinMs` in all. */
  static async open(settings: SmtpSettings, secureContext: SecureContext, withinMs = NEVER_MS): Promise<Opened> {
    const started = Date.now();
    const deadline = started + Math.min(settings.connectTimeoutMs, withinMs);
    const tls = tlsOptionsFor(settings, secureContext);
    const socket = await dial(settings, tls, deadline);
    if ('note' in socket) return { fault: brokenOff(socket.stage, socket.note) };
    return new Promise((resolve) => {
      new SmtpHandshake(settings, socket, tls, started + withinMs).run(deadline - Date.now(), (ending) =>
        resolve('socket' in ending ? { session: new SmtpSession(settings, ending) } : { fault: ending }),
      );
    });
  }

  get alive(): boolean {
    return !this.#ended;
  }

  /**
   * Hands one message over, in chunks if the relay offers that and `chunking` allows it. What is
   * certain at the end follows from how far it got.
   */
  send(envelope: Envelope, raw: Buffer, chunking: boolean): Promise<HandOverResult> {
    const impossible = this.#impossible(envelope, raw);
    if (impossible !== undefined) {
      return Promise.resolve({ outcome: 'refused', stage: 'MAIL', reply: undefined, note: impossible });
    }
    this.used += 1;
    if (this.#ended) return Promise.resolve(brokenOff('MAIL', this.#fault ?? 'the relay closed the connection'));
    const dialogue = this.#dialogue(raw, chunking);
    const message = new WireMessage(raw, dialogue);
    const commands = transactionCommands(envelope, raw.length, this.#extensions, message.opening);
    return new Promise((settle) => {
      const transaction = new SmtpTransaction(dialogue);
      this.#current = { transaction, commands, message, settle };
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

  /** Asks the relay of an idle connection whether it is there. Undefined: it had ended the connection. */
  noop(withinMs: number): Promise<ProbeResult | undefined> {
    if (this.#ended) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      this.#onNoop = resolve;
      this.#arm(Math.min(withinMs, this.settings.commandTimeoutMs));
      this.#socket.write('NOOP\r\n');
    });
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

  /**
   * One round trip where that is safe. In one write with its envelope the message is in doubt from
   * the first fault on, and a relay that does not know BDAT would take it for commands: so only on a
   * connection that has just taken one in two writes. Nor with megabytes: a refused recipient would
   * cost them too.
   */
  #dialogue(raw: Buffer, chunking: boolean): Dialogue {
    if (!this.#extensions.has('PIPELINING')) return 'STEPWISE';
    if (!chunking || !this.#extensions.has('CHUNKING')) return 'PIPELINED';
    const surelyOpen = performance.now() - this.#tookChunksAt < SURELY_OPEN_MS;
    return surelyOpen && raw.length <= SLICE_BYTES ? 'ONE_WRITE' : 'CHUNKED';
  }

  #read(chunk: Buffer): void {
    if (this.#ended) return;
    const current = this.#current;
    let step: Step = 'wait';
    for (const reply of this.#replies.read(chunk)) {
      if (this.#onNoop !== undefined) {
        this.#readNoop(reply);
        continue;
      }
      // Behind the end of a transaction, unasked between two, or the answer to QUIT.
      if (current === undefined || step === 'OVER') return this.#close('the replies are out of step');
      step = current.transaction.received(reply);
    }
    if (this.#replies.overflown) this.#close('the relay does not keep to SMTP');
    // Only after everything that was read: a reply behind the one that lets us write is out of step.
    else if (current !== undefined && step !== 'wait') this.#do(step, current);
  }

  #readNoop(reply: string): void {
    const code = replyCode(reply);
    if (code === CLOSING) return this.#hungUp();
    if (code === undefined || code >= 300)
      return this.#close(parseReply(reply)?.text ?? 'the relay does not keep to SMTP');
    clearTimeout(this.#timer);
    this.#endNoop({ alive: true, note: '' });
  }

  #endNoop(result: ProbeResult | undefined): void {
    const settle = this.#onNoop;
    this.#onNoop = undefined;
    settle?.(result);
  }

  #do(step: Exclude<Step, 'wait'>, current: Current): void {
    const { transaction, commands, message } = current;
    if (step === 'OVER') {
      if (transaction.usable) this.#settle('');
      else this.#close('');
    } else if (step === 'BODY') {
      transaction.beginBody();
      if (message.rest > SLICE_BYTES) this.#watchUpload(current);
      this.#writeSlice();
    } else {
      transaction.wrote(step);
      if (transaction.written) this.#arm(this.settings.finalReplyTimeoutMs);
      this.#socket.write(step === 'ENVELOPE' ? message.envelope(commands[step]) : commands[step]);
    }
  }

  /** A slice, or the whole message where it is small: body and final dot leave as one segment. */
  #writeSlice(): void {
    const current = this.#current;
    if (current === undefined || current.transaction.stage !== 'BODY') return;
    const { transaction, message } = current;
    const slice = message.slice();
    if (message.rest === 0) {
      transaction.endBody();
      this.#arm(this.settings.finalReplyTimeoutMs);
    }
    const room = this.#socket.write(slice);
    // As a rule a slice fills the socket's buffer, and `drain` asks for the next one.
    if (room && message.rest > 0) setImmediate(() => this.#writeSlice());
  }

  /** The upload goes on while each period moves its share of the message, and one period more for the end. */
  #watchUpload(current: Current): void {
    const period = this.settings.commandTimeoutMs;
    const { message } = current;
    const { taken } = message;
    const enough = Math.min(message.rest, MIN_UPLOAD_BYTES_PER_MS * period);
    this.#arm(period, () => (message.taken - taken < enough ? this.#expire() : this.#watchUpload(current)));
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
    this.#endNoop(undefined);
    this.#current?.transaction.torn(this.#replies.unfinished);
    this.#close(this.#fault ?? 'the relay closed the connection');
  }

  #close(note: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#socket.destroy();
    this.#endNoop({ alive: false, note });
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
    const { transaction } = current;
    const result = transaction.result(note);
    this.#unclean = result.outcome !== 'accepted';
    this.chunkingFailed = transaction.chunkingFailed;
    if (transaction.inChunks && result.outcome === 'accepted') this.#tookChunksAt = performance.now();
    current.settle(result);
  }
}
