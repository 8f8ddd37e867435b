/** Does the same thing every so often, never twice at a time; a time that fails is told, and the next one comes. */
export class PeriodicTask {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private stopped = false;

  constructor(
    private readonly everyMs: number,
    private readonly work: () => Promise<unknown>,
    private readonly onFailure: (error: unknown) => void,
  ) {}

  /** The first time is after the first interval. */
  start(): void {
    this.stopped = false;
    this.timer ??= setInterval(() => void this.run(), this.everyMs).unref();
  }

  /** Resolves when what is under way has ended: what it needs must be there until then. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    this.timer = undefined;
    await this.running;
  }

  /** True from the call of stop() on: work of many steps ends early then. */
  get isStopped(): boolean {
    return this.stopped;
  }

  /** At once, or together with what is under way. Resolves also when it failed. */
  run(): Promise<void> {
    this.running ??= this.attempt().finally(() => (this.running = undefined));
    return this.running;
  }

  private async attempt(): Promise<void> {
    try {
      await this.work();
    } catch (error) {
      this.onFailure(error);
    }
  }
}
