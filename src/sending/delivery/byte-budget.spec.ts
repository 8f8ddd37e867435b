import { describe, expect, it } from '@jest/globals';
import { ByteBudget } from './byte-budget.js';

/** Work that ends when it is told to. */
function piece(): { work: () => Promise<string>; end: () => void; begun: boolean } {
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  const one = {
    begun: false,
    work: async () => {
      one.begun = true;
      await ended;
      return 'done';
    },
    end: () => end(),
  };
  return one;
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a budget of bytes', () => {
  it('lets so many at once, in the order they came', async () => {
    const budget = new ByteBudget(10);
    const [one, two, three, four] = [piece(), piece(), piece(), piece()];
    const all = [
      budget.spend(6, one.work),
      budget.spend(4, two.work),
      budget.spend(5, three.work),
      budget.spend(1, four.work),
    ];
    await settled();
    expect([one, two, three, four].map(({ begun }) => begun)).toEqual([true, true, false, false]);
    two.end();
    await settled();
    // The small one does not slip past the one that waits before it.
    expect([three.begun, four.begun]).toEqual([false, false]);
    one.end();
    await settled();
    expect([three.begun, four.begun]).toEqual([true, true]);
    three.end();
    four.end();
    expect(await Promise.all(all)).toEqual(['done', 'done', 'done', 'done']);
  });

  it('lets what is larger than all of it go alone', async () => {
    const budget = new ByteBudget(10);
    const [small, large, other] = [piece(), piece(), piece()];
    const all = [budget.spend(1, small.work), budget.spend(50, large.work), budget.spend(1, other.work)];
    await settled();
    expect([large.begun, other.begun]).toEqual([false, false]);
    small.end();
    await settled();
    expect([large.begun, other.begun]).toEqual([true, false]);
    large.end();
    other.end();
    await Promise.all(all);
  });

  it('gives back what failed', async () => {
    const budget = new ByteBudget(10);
    await expect(budget.spend(10, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await budget.spend(10, () => Promise.resolve('next'))).toBe('next');
  });
});
