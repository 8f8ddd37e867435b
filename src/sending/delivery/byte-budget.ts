/** So many bytes at once; whoever comes first is first, and what is larger than all of it goes alone. */
export class ByteBudget {
  private used = 0;
  private readonly waiting: { readonly bytes: number; readonly begin: () => void }[] = [];

  constructor(private readonly total: number) {}

  /** Does the work as soon as there is room for its bytes. */
  async spend<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    if (this.waiting.length > 0 || !this.fits(bytes)) {
      await new Promise<void>((begin) => this.waiting.push({ bytes, begin }));
    } else this.used += bytes;
    try {
      return await work();
    } finally {
      this.used -= bytes;
      this.letIn();
    }
  }

  /** Whoever waits begins now, room or not. */
  letAllIn(): void {
    for (const { bytes, begin } of this.waiting.splice(0)) {
      this.used += bytes;
      begin();
    }
  }

  private letIn(): void {
    for (let next = this.waiting[0]; next !== undefined && this.fits(next.bytes); next = this.waiting[0]) {
      this.waiting.shift();
      // Counted here and not when it wakes up: the next one in the loop must see it.
      this.used += next.bytes;
      next.begin();
    }
  }

  private fits(bytes: number): boolean {
    return this.used === 0 || this.used + bytes <= this.total;
  }
}
