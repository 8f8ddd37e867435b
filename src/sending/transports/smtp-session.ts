import type { Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import { brokenOff, leavesConnectionUsable, refusalOutcome } from './hand-over-outcome.js';
import { dial, faultCode, tlsOptionsFor } from './smtp-dial.js';
import { SlicedBody } from './sliced-body.js';
import type { SmtpSettings } from './smtp-settings.js';
import { SmtpStageLog } from './smtp-stage-log.js';
import type { Envelope, HandOverResult, HandOverStage } from './transport.js';
import { WireConnection } from './wire-connection.js';

/** An open, authenticated session, or why there is none. */
export type Opened = { readonly session: SmtpSession } | { readonly fault: HandOverResult };

/** Largest reply that is read; real ones have a few hundred bytes. */
const MAX_REPLY_BYTES = 64 * 1024;

/** nodemailer's own timers measure idleness or phases; ours are total deadlines. */
const NEVER_MS = 2 ** 31 - 1;

/** Slowest upload that is waited for, or a relay that stops reading holds a slot. */
const MIN_UPLOAD_BYTES_PER_MS = 32;

const QUIT_TIMEOUT_MS = 1000;

const EMPTY = Buffer.alloc(0);

/** ENVID is at most 100 characters (RFC 3461 section 4.4). */
const MAX_ENVID = 100;

/** How opening a session or handing a message over ended. */
type Ending = HandOverResult | 'ready';

/** One connection to a relay. Used by one message at a time. */
export class SmtpSession {
  /** Messages tried on this connection. */
  used = 0;
  /** Called when the connection is gone. */
  onEnd: (() => void) | undefined;

  readonly #connection: WireConnection;
  readonly #log: SmtpStageLog;
  #settle: ((ending: Ending) => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #timedOut = false;
  #note: string | undefined;
  #ended = false;
  /** A refused transaction is still open at the relay. */
  #unclean = false;
  #body: SlicedBody | Buffer = EMPTY;

  private constructor(
    private readonly settings: SmtpSettings,
    socket: Socket,
    tls: ReturnType<typeof tlsOptionsFor>,
  ) {
    this.#log = new SmtpStageLog((stage, previous) => this.#entered(stage, previous));
    this.#connection = new WireConnection({
      connection: socket,
      host: settings.host,
      port: settings.port,
      secure: settings.secure,
      secured: settings.secure,
      requireTLS: settings.tls === 'required',
      ignoreTLS: settings.tls === 'off',
      opportunisticTLS: settings.tls === 'opportunistic',
      name: settings.ehloName,
      tls,
      logger: this.#log,
      transactionLog: true,
      maxResponseSize: MAX_REPLY_BYTES,
      connectionTimeout: NEVER_MS,
      greetingTimeout: NEVER_MS,
      socketTimeout: NEVER_MS,
      socketCloseTimeout: 0,
    });
    this.#connection.on('error', (error: NodeJS.ErrnoException) => (this.#note ??= describe(error)));
    this.#connection.on('end', () => this.#onEnd());
  }

  static async open(settings: SmtpSettings, secureContext: SecureContext): Promise<Opened> {
    const deadline = Date.now() + settings.connectTimeoutMs;
    const tls = tlsOptionsFor(settings, secureContext);
    const socket = await dial(settings, tls, deadline);
    if ('note' in socket) return { fault: brokenOff(socket.stage, socket.note) };
    const session = new SmtpSession(settings, socket, tls);
    const ending = await session.#greet(deadline - Date.now());
    if (ending === 'ready') return { session };
    session.#connection.close();
    return { fault: ending };
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
    this.#body = SlicedBody.of(raw);
    return new Promise((resolve) => {
      this.#start((ending) => ending !== 'ready' && resolve(ending), this.settings.commandTimeoutMs);
      this.#log.begin();
      if (this.#unclean) this.#resetThen(() => this.#write(envelope, raw));
      else this.#write(envelope, raw);
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
      const timer = setTimeout(() => this.#connection.close(), QUIT_TIMEOUT_MS);
      this.#connection.once('end', () => {
        clearTimeout(timer);
        resolve();
      });
      this.#connection.quit();
    });
  }

  /** Greeting, EHLO, STARTTLS and AUTH. */
  #greet(remainingMs: number): Promise<Ending> {
    return new Promise((resolve) => {
      this.#start(resolve, remainingMs);
      this.#connection.connect((error) => {
        if (error !== undefined) this.#fail(describe(error));
        else if (this.settings.auth === undefined) this.#finish('ready');
        else this.#authenticate(this.settings.auth);
      });
    });
  }

  #authenticate(auth: NonNullable<SmtpSettings['auth']>): void {
    this.#log.authenticating();
    if (!this.#connection.secure && this.settings.tls !== 'off') {
      this.#fail('the password is not sent in clear');
    } else if (!this.#connection.allowsAuth) {
      this.#fail('the relay offers no authentication');
    } else {
      this.#connection.login({ user: auth.user, pass: auth.pass }, (error) => {
        if (error === null) this.#finish('ready');
        else this.#fail(describe(error));
      });
    }
  }

  /** Why the relay cannot take this message at all; told before a byte of it is written. */
  #impossible(envelope: Envelope, raw: Buffer): string | undefined {
    const extensions = this.#log.extensions;
    if (needsUtf8(envelope) && !extensions.has('SMTPUTF8')) return 'the relay does not support SMTPUTF8';
    const limit = Number(extensions.get('SIZE') ?? 0);
    if (limit > 0 && raw.length > limit) return `the message is larger than the ${limit} bytes the relay takes`;
    return undefined;
  }

  #write(envelope: Envelope, raw: Buffer): void {
    const smtpUtf8 = needsUtf8(envelope);
    this.#connection.expected = { to: envelope.to, smtpUtf8, inOnePiece: Buffer.isBuffer(this.#body) };
    const dsn = envelope.envid.length <= MAX_ENVID ? { dsn: { envid: envelope.envid } } : {};
    const { from, to } = envelope;
    this.#connection.send({ from, to: [to], size: raw.length, use8BitMime: smtpUtf8, ...dsn }, this.#body, (error) => {
      if (error === null) this.#accepted();
      else this.#fail(describe(error));
    });
  }

  #resetThen(next: () => void): void {
    this.#unclean = false;
    this.#connection.reset((error) => {
      if (error === null) next();
      else this.#fail('the relay refused RSET');
    });
  }

  #accepted(): void {
    const reply = this.#log.finalReply;
    if (reply === undefined) this.#fail('the replies are out of step');
    else this.#finish({ outcome: 'accepted', reply, finalDestination: false });
  }

  /** The step ended other than well: the log knows what the relay said, if anything, and how far we were. */
  #fail(note: string): void {
    if (this.#settle === undefined) return;
    const refusal = this.#log.refusal;
    this.#unclean = refusal !== undefined && leavesConnectionUsable(refusal);
    this.#finish(refusal === undefined ? brokenOff(this.#log.stage, note) : refusalOutcome(refusal));
    if (!this.#unclean) this.#connection.close();
  }

  #onEnd(): void {
    this.#ended = true;
    this.#fail(this.#note ?? 'the relay closed the connection');
    this.onEnd?.();
  }

  #start(settle: (ending: Ending) => void, ms: number): void {
    this.#note = undefined;
    this.#settle = settle;
    this.#arm(ms);
  }

  #finish(ending: Ending): void {
    clearTimeout(this.#timer);
    const settle = this.#settle;
    this.#settle = undefined;
    // An idle connection must not keep the last message in memory.
    this.#body = EMPTY;
    settle?.(ending);
  }

  #arm(ms: number, then: () => void = () => this.#expire()): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(then, Math.max(0, ms));
  }

  #expire(): void {
    this.#timedOut = true;
    this.#note = 'timed out';
    this.#connection.close();
  }

  /** The upload goes on while each period moves its share of the message, and one period more for the end. */
  #watchUpload(): void {
    const period = this.settings.commandTimeoutMs;
    const body = this.#body;
    if (!(body instanceof SlicedBody)) return this.#arm(period);
    const left = body.left;
    this.#arm(period, () => {
      const enough = Math.min(left, MIN_UPLOAD_BYTES_PER_MS * period);
      if (left === 0 || left - body.left < enough) this.#expire();
      else this.#watchUpload();
    });
  }

  /** Each deadline is a total one: a relay that drips a byte at a time does not prolong it. */
  #entered(stage: HandOverStage, previous: HandOverStage): void {
    if (this.#settle === undefined) return;
    if (stage === 'FINAL_REPLY') this.#arm(this.settings.finalReplyTimeoutMs);
    else if (stage === 'BODY') this.#watchUpload();
    else if (previous === 'GREETING') this.#arm(this.settings.commandTimeoutMs);
  }
}

/** What happened, without the words of the relay: those are in the reply. */
function describe(error: NodeJS.ErrnoException & { originalCode?: unknown }): string {
  if (error.code === 'ECONNECTION') return 'the relay closed the connection';
  if (error.code === 'EAUTH') return 'the authentication failed';
  if (error.code === 'EPROTOCOL') return 'the relay does not keep to SMTP';
  return faultCode(error);
}

function needsUtf8(envelope: Envelope): boolean {
  return envelope.smtpUtf8 || !isAscii(envelope.from) || !isAscii(envelope.to);
}

function isAscii(text: string): boolean {
  return /^[\0-\x7f]*$/.test(text);
}
