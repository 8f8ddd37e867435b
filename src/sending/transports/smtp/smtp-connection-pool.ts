import type { Lane } from '../../../domain/lane.js';
import { ConnectionPlaces } from './connection-places.js';
import { TRANSPORT_CLOSED } from './hand-over-outcome.js';
import type { Opened, SmtpSession } from './smtp-session.js';
import type { SmtpSettings } from './smtp-settings.js';

type Limits = Pick<SmtpSettings, 'maxConnections' | 'messagesPerConnection' | 'idleMs'>;

/**
 * Connections to one relay. A message on a new TLS connection costs nine times the CPU of one on an
 * open connection, so connections are kept. Callers beyond the limit, or beyond what their lane
 * leaves to others, wait; a place is given on only once its connection is gone, so the relay never
 * sees more than the limit.
 */
export class SmtpConnectionPool {
  /** Last in, first out: the connections that are not needed grow old and end. */
  readonly #idle: { session: SmtpSession; timer: NodeJS.Timeout }[] = [];
  readonly #places: ConnectionPlaces;
  #closing: Promise<void> | undefined;
  #onEmpty: (() => void) | undefined;

  constructor(
    private readonly limits: Limits,
    private readonly open: (withinMs?: number) => Promise<Opened>,
  ) {
    this.#places = new ConnectionPlaces(limits.maxConnections);
  }

  /** A place and a connection; without a connection the place has been given back. */
  async acquire(lane: Lane): Promise<Opened> {
    if (this.#closing !== undefined) return { fault: TRANSPORT_CLOSED };
    await this.#places.take(lane);
    if (this.#closing !== undefined) return this.#withoutPlace({ fault: TRANSPORT_CLOSED });
    const session = this.#takeIdle();
    return session === undefined ? this.#opened() : { session };
  }

  /**
   * A place that no message waits for and that is not kept for one, with the idle connection in it
   * if there is one. Undefined when there is none.
   */
  acquireSpare(): { readonly idle: SmtpSession | undefined } | undefined {
    if (this.#closing !== undefined || !this.#places.tryTake('BULK')) return undefined;
    return { idle: this.#takeIdle() };
  }

  /** A fresh connection in the place of one that turned out to be dead, or in an empty one. */
  replace(withinMs?: number): Promise<Opened> {
    return this.#opened(withinMs);
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
    this.#places.dismiss();
    await Promise.all(idle.map(({ session }) => session.quit()));
    this.#checkEmpty();
    await empty;
  }

  async #opened(withinMs?: number): Promise<Opened> {
    const opened = await this.open(withinMs);
    return 'fault' in opened ? this.#withoutPlace(opened) : opened;
  }

  #withoutPlace(opened: Opened): Opened {
    this.#givePlaceOn();
    return opened;
  }

  #takeIdle(): SmtpSession | undefined {
    const idle = this.#idle.pop();
    if (idle === undefined) return undefined;
    clearTimeout(idle.timer);
    idle.session.onEnd = undefined;
    return idle.session;
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
      this.#places.tryTake('OTP');
      void session.quit().then(() => this.#givePlaceOn());
    }, this.limits.idleMs);
    timer.unref();
    session.onEnd = remove;
    this.#idle.push({ session, timer });
  }

  #givePlaceOn(): void {
    this.#places.give();
    this.#checkEmpty();
  }

  #checkEmpty(): void {
    if (this.#places.allFree) this.#onEmpty?.();
  }
}
