/** What a group is made of and how it is written. */
export interface GroupCommitOptions<T, R> {
  /** Writes a group and answers for each item in order. May reject as a whole. */
  readonly write: (items: readonly T[]) => Promise<readonly Outcome<R>[]>;
  /** Items with the same key cannot be in one group; the later one waits for the next. */
  readonly keyOf: (item: T) => string | undefined;
  readonly sizeOf: (item: T) => number;
  readonly maxItems: number;
  /** Of the items of a group together, in bytes; a single larger item goes alone. */
  readonly maxSize: number;
  readonly maxInFlight: number;
  /** Items waiting for a group beyond which new ones are refused at once. */
  readonly maxWaiting: number;
  /** From submission to answer; after that the outcome is unknown unless it never left. */
  readonly deadlineMs: number;
  /** Told the number of items of each group. */
  readonly onGroup?: (items: number) => void;
}

export type Outcome<R> = { readonly value: R } | { readonly error: unknown };

/** No answer in time, or no room to wait. */
export class GroupCommitOverdue extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'GroupCommitOverdue';
  }
}

interface Waiting<T, R> {
  readonly item: T;
  readonly resolve: (value: R) => void;
  readonly reject: (error: unknown) => void;
  readonly deadline: NodeJS.Timeout;
  abandoned: boolean;
}

/**
 * Many callers, one commit: while a group is being written the next one collects. There is no timer,
 * so that a single caller never waits for company.
 */
export class GroupCommit<T, R> {
  private waiting: Waiting<T, R>[] = [];
  private inFlight = 0;
  private scheduled = false;

  constructor(private readonly options: GroupCommitOptions<T, R>) {}

  submit(item: T): Promise<R> {
    if (this.waiting.length >= this.options.maxWaiting) {
      return Promise.reject(new GroupCommitOverdue('too many waiting'));
    }
    return new Promise<R>((resolve, reject) => {
      const entry: Waiting<T, R> = { item, resolve, reject, abandoned: false, deadline: this.deadline(() => entry) };
      this.waiting.push(entry);
      this.schedule();
    });
  }

  private deadline(entry: () => Waiting<T, R>): NodeJS.Timeout {
    return setTimeout(() => {
      entry().abandoned = true;
      entry().reject(new GroupCommitOverdue('no answer in time'));
    }, this.options.deadlineMs);
  }

  /** After the input of this turn of the event loop: requests that arrived together go together. */
  private schedule(): void {
    if (this.scheduled || this.inFlight >= this.options.maxInFlight) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      const group = this.collect();
      if (group.length === 0) return;
      void this.run(group);
      if (this.waiting.length > 0) this.schedule();
    });
  }

  private collect(): Waiting<T, R>[] {
    const { keyOf, sizeOf, maxItems, maxSize } = this.options;
    const group: Waiting<T, R>[] = [];
    const later: Waiting<T, R>[] = [];
    const keys = new Set<string>();
    let size = 0;
    let next = 0;
    for (; next < this.waiting.length && group.length < maxItems; next += 1) {
      const entry = this.waiting[next];
      if (entry === undefined || entry.abandoned) continue;
      const key = keyOf(entry.item);
      if (key !== undefined && keys.has(key)) {
        later.push(entry);
        continue;
      }
      size += sizeOf(entry.item);
      if (size > maxSize && group.length > 0) break;
      if (key !== undefined) keys.add(key);
      group.push(entry);
    }
    this.waiting = [...later, ...this.waiting.slice(next)];
    return group;
  }

  private async run(group: readonly Waiting<T, R>[]): Promise<void> {
    this.inFlight += 1;
    this.options.onGroup?.(group.length);
    try {
      const outcomes = await this.options.write(group.map((entry) => entry.item));
      for (const [i, entry] of group.entries()) settle(entry, outcomes[i] ?? { error: new Error('no outcome') });
    } catch (error) {
      for (const entry of group) settle(entry, { error });
    } finally {
      this.inFlight -= 1;
      if (this.waiting.length > 0) this.schedule();
    }
  }
}

function settle<T, R>(entry: Waiting<T, R>, outcome: Outcome<R>): void {
  clearTimeout(entry.deadline);
  if ('error' in outcome) entry.reject(outcome.error);
  else entry.resolve(outcome.value);
}
