import type { Opened, SmtpSession } from '../smtp/smtp-session.js';

interface Limits {
  readonly maxConnections: number;
  readonly messagesPerConnection: number;
}

interface Idle {
  readonly key: string;
  readonly session: SmtpSession;
  readonly timer: NodeJS.Timeout;
}

/** Strangers' servers give their places to many: a connection is kept for the next mail in a burst, not longer. */
const IDLE_MS = 5000;

/**
 * Our connections to one site, whatever its hosts are called and however many of our addresses they
 * come from: the site counts them together, so there are never more than the limit. The key of a
 * connection says which host, source and kind of TLS it has.
 */
export class SiteConnections {
  /** Hand-overs, each with at most one connection. */
  #busy = 0;
  /** Connections from their dial until they are gone. */
  #open = 0;
  #idle: Idle[] = [];
  readonly #waiting: ((granted: boolean) => void)[] = [];
  readonly #waitingForRoom: (() => void)[] = [];
  #closing: Promise<void> | undefined;
  #onEmpty: (() => void) | undefined;

  constructor(
    private readonly limits: Limits,
    /** Called whenever nothing is held. */
    private readonly onUnused: () => void,
  ) {}

  /** A place, in order of arrival; false when none became free within the time, or at close. */
  enter(withinMs: number): Promise<boolean> {
    if (this.#closing !== undefined) return Promise.resolve(false);
    if (this.#busy < this.limits.maxConnections) {
      this.#busy += 1;
      return Promise.resolve(true);
    }
    return new Promise((resolve) => {
      const wake = (granted: boolean): void => {
        clearTimeout(timer);
        resolve(granted);
      };
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(wake), 1);
        resolve(false);
      }, withinMs);
      this.#waiting.push(wake);
    });
  }

  /** Whether there is an idle connection whose key begins like this. */
  holds(beginning: string): boolean {
    return this.#idle.some(({ key }) => key.startsWith(beginning));
  }

  /** An idle connection, the one used last. */
  take(key: string): SmtpSession | undefined {
    const idle = this.#idle.findLast((candidate) => candidate.key === key);
    if (idle !== undefined) this.#forget(idle.session);
    return idle?.session;
  }

  /** Opens a connection in the caller's place; an idle one to another host makes room where it has to. */
  async open(open: () => Promise<Opened>): Promise<Opened> {
    while (this.#open >= this.limits.maxConnections) await this.#makeRoom();
    this.#open += 1;
    const opened = await open();
    if ('fault' in opened) this.#gone();
    else if (opened.session.alive) opened.session.onEnd = () => this.#gone(opened.session);
    else this.#gone();
    return opened;
  }

  /** Ends a hand-over: its connection is kept where it can carry more, and its place given on. */
  async leave(key: string, session: SmtpSession | undefined): Promise<void> {
    const goesOn = this.#closing === undefined && (session?.used ?? 0) < this.limits.messagesPerConnection;
    if (session?.alive === true && goesOn) this.#putAside(key, session);
    else await session?.quit();
    const next = this.#waiting.shift();
    if (next !== undefined) return next(true);
    this.#busy -= 1;
    if (this.#busy === 0) this.#onEmpty?.();
    this.#checkUnused();
  }

  /** Ends idle connections at once, the others after their message. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    for (const wake of this.#waiting.splice(0)) wake(false);
    const empty = this.#busy === 0 ? undefined : new Promise<void>((resolve) => (this.#onEmpty = resolve));
    await Promise.all(this.#idle.map(({ session }) => this.#end(session)));
    await empty;
  }

  #putAside(key: string, session: SmtpSession): void {
    const timer = setTimeout(() => void this.#end(session), IDLE_MS);
    timer.unref();
    this.#idle.push({ key, session, timer });
  }

  /** The caller has a place and no connection: with none idle there is one that is about to be gone. */
  async #makeRoom(): Promise<void> {
    const [oldest] = this.#idle;
    if (oldest !== undefined) await this.#end(oldest.session);
    else await new Promise<void>((resolve) => this.#waitingForRoom.push(resolve));
  }

  #end(session: SmtpSession): Promise<void> {
    this.#forget(session);
    return session.quit();
  }

  #gone(session?: SmtpSession): void {
    this.#open -= 1;
    if (session !== undefined) this.#forget(session);
    for (const wake of this.#waitingForRoom.splice(0)) wake();
    this.#checkUnused();
  }

  #checkUnused(): void {
    if (this.#busy === 0 && this.#open === 0) this.onUnused();
  }

  #forget(session: SmtpSession): void {
    clearTimeout(this.#idle.find((idle) => idle.session === session)?.timer);
    this.#idle = this.#idle.filter((idle) => idle.session !== session);
  }
}
