import pg from 'pg';
import { reasonOf } from '../telemetry/reason-of.js';

/** What the owner of the line is told. */
export interface SignalLineEvents {
  /** Called when it listens; `again` is true after a loss, when signals may have been missed. */
  onConnect(again: boolean): void;
  onPayload(payload: string): void;
  onLoss(reason: string): void;
}

const CHANNEL = 'postern';
const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 5000;
/** A connection that died without a word (a balancer forgot it, the other machine is gone) is found out this way. */
const HEARTBEAT_MS = 15_000;
const ANSWER_WITHIN_MS = 5000;

/** One connection that listens and speaks on our channel, opened again whenever it is lost. Not for a pooler in transaction mode, which does not support LISTEN. */
export class SignalLine {
  private client: pg.Client | undefined;
  private timer: NodeJS.Timeout | undefined;
  private heartbeat: NodeJS.Timeout | undefined;
  private failures = 0;
  private closed = false;
  private wasOpen = false;

  constructor(
    private readonly url: string,
    private readonly events: SignalLineEvents,
  ) {}

  get isOpen(): boolean {
    return this.client !== undefined;
  }

  /** Tries once and, should that fail, goes on trying in the background. */
  async open(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.url,
      application_name: 'postern-signals',
      connectionTimeoutMillis: ANSWER_WITHIN_MS,
      query_timeout: ANSWER_WITHIN_MS,
      keepAlive: true,
    });
    let lost = false;
    const lose = (reason: string): void => {
      if (lost) return;
      lost = true;
      this.lose(client, reason);
    };
    client.on('error', (error) => lose(error.message));
    client.on('end', () => lose('ended'));
    client.on('notification', ({ payload }) => this.events.onPayload(payload ?? ''));
    try {
      await client.connect();
      await client.query(`listen ${CHANNEL}`);
    } catch (error) {
      lose(reasonOf(error));
      return;
    }
    // A backend can be ended between its last answer and here; close() can have been called.
    if (lost) return;
    if (this.closed) {
      await client.end().catch(() => undefined);
      return;
    }
    this.opened(client, lose);
  }

  /** False when it is not certain that it arrived. */
  async send(payload: string): Promise<boolean> {
    const client = this.client;
    if (client === undefined) return false;
    try {
      await client.query('select pg_notify($1, $2)', [CHANNEL, payload]);
      return true;
    } catch {
      return false;
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    clearInterval(this.heartbeat);
    const client = this.client;
    this.client = undefined;
    await client?.end().catch(() => undefined);
  }

  private opened(client: pg.Client, lose: (reason: string) => void): void {
    const again = this.wasOpen || this.failures > 0;
    this.client = client;
    this.wasOpen = true;
    this.failures = 0;
    this.heartbeat = setInterval(() => {
      client.query('select 1').catch((error: unknown) => lose(String(error)));
    }, HEARTBEAT_MS);
    this.heartbeat.unref();
    this.events.onConnect(again);
  }

  private lose(client: pg.Client, reason: string): void {
    if (this.client === client) {
      this.client = undefined;
      clearInterval(this.heartbeat);
    }
    // Ending a dead connection politely would wait for it.
    void client.end().catch(() => undefined);
    if (this.closed) return;
    if (this.failures === 0) this.events.onLoss(reason);
    const delay = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.failures++);
    this.timer = setTimeout(() => void this.open(), delay * (0.5 + Math.random() / 2));
    this.timer.unref();
  }
}
