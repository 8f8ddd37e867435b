import type { SignalTopic } from './signal-payload.js';
import type { Signals } from './signals.js';

/** What tells that there is something new to read, and how long it may be missed when that is lost. */
export interface Refreshment {
  readonly signals: Signals;
  readonly topic: SignalTopic;
  readonly everyMs: number;
}

/**
 * Keeps what a process has read into its memory in step with the database: it is read again at every
 * signal and, as signals can be lost, every so often. One reading at a time, so that an old answer
 * never replaces a newer one.
 */
export class Refresher {
  private reading: Promise<void> = Promise.resolve();
  private next: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private stopListening: (() => void) | undefined;

  constructor(
    private readonly on: Refreshment,
    private readonly read: () => Promise<void>,
    private readonly onFailure: (error: unknown) => void,
  ) {}

  start(): void {
    const refresh = (): void => void this.refresh();
    this.stopListening = this.on.signals.on(this.on.topic, refresh);
    this.timer = setInterval(refresh, this.on.everyMs).unref();
  }

  /** Resolves when the last reading has ended. */
  async stop(): Promise<void> {
    this.stopListening?.();
    clearInterval(this.timer);
    await (this.next ?? this.reading).catch(() => undefined);
  }

  /** Resolves when everything committed before the call is known; however many call meanwhile, one reading follows. */
  reload(): Promise<void> {
    this.next ??= this.reading.then(() => {
      this.next = undefined;
      const reading = this.read();
      this.reading = reading.catch(() => undefined);
      return reading;
    });
    return this.next;
  }

  /** The same; a failure is told instead of thrown. */
  async refresh(): Promise<void> {
    try {
      await this.reload();
    } catch (error) {
      this.onFailure(error);
    }
  }
}
