/** Long enough that a burst does not wait for a dead host with every mail, short enough to see it return. */
const REST_MS = 60_000;
const MOST_HOSTS = 1000;

/**
 * Hosts that could not be reached a moment ago. They are tried last, never left out: without this
 * each mail for a site whose first host is dead would wait for the dial to time out.
 */
export class RestingHosts {
  readonly #until = new Map<string, number>();

  failed(host: string): void {
    this.#until.delete(host);
    this.#until.set(host, performance.now() + REST_MS);
    const [oldest] = this.#until.keys();
    if (this.#until.size > MOST_HOSTS && oldest !== undefined) this.#until.delete(oldest);
  }

  answered(host: string): void {
    this.#until.delete(host);
  }

  /** The hosts that rest go behind the others; else the order stays. */
  last(hosts: readonly string[]): readonly string[] {
    const rests = (host: string): boolean => (this.#until.get(host) ?? 0) > performance.now();
    return [...hosts.filter((host) => !rests(host)), ...hosts.filter(rests)];
  }
}
