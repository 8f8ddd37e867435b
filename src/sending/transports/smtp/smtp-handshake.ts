import type { Socket } from 'node:net';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { brokenOff, refusalOutcome } from './hand-over-outcome.js';
import { OpeningLog } from './opening-log.js';
import { MAX_REPLY_LENGTH } from './reply-reader.js';
import { faultCode, type tlsOptionsFor } from './smtp-dial.js';
import { isOffered, loginFor, type SmtpAuth } from './smtp-login.js';
import type { SmtpSettings } from './smtp-settings.js';
import { takeSocket } from './take-socket.js';
import type { HandOverResult } from '../transport.js';

/** nodemailer's own timers measure idleness or phases; ours are total deadlines. */
const NEVER_MS = 2 ** 31 - 1;

/** A socket on which the relay waits for the first transaction, and what it offered. */
export interface Ready {
  readonly socket: Socket;
  readonly extensions: ReadonlyMap<string, string>;
}

/**
 * Greeting, EHLO, STARTTLS and AUTH, spoken by nodemailer. Once per connection its cost does not
 * matter, and its care with TLS and authentication does.
 */
export class SmtpHandshake {
  readonly #connection: SMTPConnection;
  readonly #log: OpeningLog;
  #settle: ((ending: HandOverResult | Ready) => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #note: string | undefined;

  constructor(
    private readonly settings: SmtpSettings,
    socket: Socket,
    tls: ReturnType<typeof tlsOptionsFor>,
    /** When it must have come to an end, however long each step may take. */
    private readonly endBy: number,
  ) {
    // Greeting and connecting share a deadline; from EHLO to being ready there is another total one.
    this.#log = new OpeningLog((previous) => previous === 'GREETING' && this.#arm(settings.commandTimeoutMs));
    this.#connection = new SMTPConnection({
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
      maxResponseSize: MAX_REPLY_LENGTH,
      connectionTimeout: NEVER_MS,
      greetingTimeout: NEVER_MS,
      socketTimeout: NEVER_MS,
      socketCloseTimeout: 0,
    });
    this.#connection.on('error', (error: NodeJS.ErrnoException) => (this.#note ??= describe(error)));
    this.#connection.on('end', () => this.#fail(this.#note ?? 'the relay closed the connection'));
  }

  /** `ending` is called in the same turn in which the socket is let go: no byte of it is missed. */
  run(greetingMs: number, ending: (ending: HandOverResult | Ready) => void): void {
    this.#settle = ending;
    this.#arm(greetingMs);
    this.#connection.connect((error) => {
      if (error !== undefined) this.#fail(describe(error));
      else if (this.settings.auth === undefined) this.#ready();
      else this.#authenticate(this.settings.auth);
    });
  }

  #authenticate(auth: SmtpAuth): void {
    this.#log.authenticating();
    if (!this.#connection.secure && this.settings.tls !== 'off') {
      this.#fail('the password is not sent in clear');
    } else if (!this.#connection.allowsAuth) {
      this.#fail('the relay offers no authentication');
    } else if (!isOffered(auth.method, this.#log.extensions)) {
      this.#fail(`the relay does not offer ${auth.method}`);
    } else {
      this.#connection.login(loginFor(auth), (error) => {
        if (error === null) this.#ready();
        else this.#fail(describe(error));
      });
    }
  }

  #ready(): void {
    if (this.#settle === undefined) return;
    const socket = takeSocket(this.#connection);
    if (socket === undefined) this.#fail('the replies are out of step');
    else this.#finish({ socket, extensions: this.#log.extensions });
  }

  /** The log knows what the relay said, if anything, and how far we were. */
  #fail(note: string): void {
    if (this.#settle === undefined) return;
    const { refusal, stage } = this.#log;
    this.#finish(refusal === undefined ? brokenOff(stage, note) : refusalOutcome(refusal));
    this.#connection.close();
  }

  #finish(ending: HandOverResult | Ready): void {
    clearTimeout(this.#timer);
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.(ending);
  }

  #arm(ms: number): void {
    clearTimeout(this.#timer);
    const left = Math.min(ms, this.endBy - Date.now());
    this.#timer = setTimeout(() => this.#fail('timed out'), Math.max(0, left));
  }
}

/** What happened, without the words of the relay: those are in the reply. */
function describe(error: NodeJS.ErrnoException & { originalCode?: unknown }): string {
  if (error.code === 'ECONNECTION') return 'the relay closed the connection';
  if (error.code === 'EAUTH') return 'the authentication failed';
  if (error.code === 'EPROTOCOL') return 'the relay does not keep to SMTP';
  return faultCode(error);
}
