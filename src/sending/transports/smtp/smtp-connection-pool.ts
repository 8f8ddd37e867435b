import { TRANSPORT_CLOSED } from './hand-over-outcome.js';
import type { Opened, SmtpSession } from './smtp-session.js';
import type { SmtpSettings } from './smtp-settings.js';

type Limits = Pick<SmtpSettings, 'maxConnections' | 'messagesPerConnection' | 'idleMs'>;

/**
 * Connections to one relay. A message on a new TLS connection costs nine times the CPU of one on an
 * open connection, so connections are kept. Callers beyond the limit wait in order of arrival; a
 * place is given on only once its connection is gone, so the relay never sees more than the limit.
 */
export class SmtpConnectionPool {
  /** Last in, first out: the connections that are not needed grow old and end. */
  readonly #idle: { session: SmtpSession; timer: NodeJS.Timeout }[] = [];
  readonly #waiting: (() => void)[] = [];
  #places: number;
  #closing: Promise<void> | undefined;
  #onEmpty: (() => void) | undefined;

  constructor(
    private readonly limits: Limits,
    private readonly open: () => Promise<Opened>,
  ) {
    this.#places = limits.maxConnections;
  }

  /** A place and a connection; without a connection the place has been given back. */
  async acquire(): Promise<Opened> {
    if (this.#closing !== undefined) return { fault: TRANSPORT_CLOSED };
    if (this.#places > 0) this.#places -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (this.#closing !== undefined) return this.#withoutPlace({ fault: TRANSPORT_CLOSED });
    const idle = this.#idle.pop();
    if (idle === undefined) return this.#opened();
    clearTimeout(idle.timer);
    idle.session.onEnd = undefined;
    return { session: idle.session };
  }

  /** A fresh connection in the place of one that turned out to be dead. */
  replace(): Promise<Opened> {
    return this.#opened();
  }

  /** Gives back a connection after its message. */
  async release(session: SmtpSession): Promise<void> {
    const goesOn = this.#closing === undefined && session.used < this.limits.messagesPerConnection;
    if (session.alive && goesOn) this.#putAside(session);
    else await session.quit();
    this.#givePlaceOn();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const idle = this.#idle.splice(0);
    for (const { timer } of idle) clearTimeout(timer);
    const empty = new Promise<void>((resolve) => (this.#onEmpty = resolve));
    for (const wake of this.#waiting.splice(0)) {
      this.#places -= 1;
      wake();
    }
    await Promise.all(idle.map(({ session }) => session.quit()));
    this.#checkEmpty();
    await empty;
  }

  async #opened(): Promise<Opened> {
    const opened = await this.open();
    return 'fault' in opened ? this.#withoutPlace(opened) : opened;
  }

  #withoutPlace(opened: Opened): Opened {
    this.#givePlaceOn();
    return opened;
  }

  #putAside(session: SmtpSession): void {
    const remove = (): void => {
      const at = this.#idle.findIndex((idle) => idle.session === session);
      const [found] = at < 0 ? [] : this.#idle.splice(at, 1);
      clearTimeout(found?.timer);
    };
    const timer = setTimeout(() => {
      remove();
      // Its place is taken until it is gone; there is one, as idle and busy ones never exceed the limit.
      this.#places -= 1;
      void session.quit().then(() => this.#givePlaceOn());
    }, this.limits.idleMs);
    timer.unref();
    session.onEnd = remove;
    this.#idle.push({ session, timer });
  }

  #givePlaceOn(): void {
    const next = this.#waiting.shift();
    if (next !== undefined) return next();
    this.#places += 1;
    this.#checkEmpty();
  }

  #checkEmpty(): void {
    if (this.#places === this.limits.maxConnections) this.#onEmpty?.();
  }
}
