interface Entry<T> {
  readonly answer: Promise<T>;
  until: number;
}

/** An answer and how long it holds. */
export interface Kept<T> {
  readonly answer: T;
  readonly keepMs: number;
}

/** Keeps answers for a while. Who asks at the same time shares one question; beyond the bound the oldest goes. */
export class AnswerCache<T> {
  readonly #entries = new Map<string, Entry<T>>();

  constructor(
    private readonly ask: (key: string) => Promise<Kept<T>>,
    private readonly most: number,
  ) {}

  get(key: string): Promise<T> {
    const known = this.#entries.get(key);
    if (known !== undefined && known.until > performance.now()) return known.answer;
    this.#entries.delete(key);
    const entry = this.#begin(key);
    this.#entries.set(key, entry);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.most && oldest !== undefined) this.#entries.delete(oldest);
    return entry.answer;
  }

  #begin(key: string): Entry<T> {
    const question = this.ask(key);
    const entry = { answer: question.then(({ answer }) => answer), until: Number.POSITIVE_INFINITY };
    question.then(
      ({ keepMs }) => (entry.until = performance.now() + keepMs),
      () => (entry.until = 0),
    );
    return entry;
  }
}
