import { describe, expect, it } from '@jest/globals';
import { GroupCommit, type GroupCommitOptions, GroupCommitOverdue, type Outcome } from './group-commit.js';

interface Item {
  readonly name: string;
  readonly key?: string;
  readonly size?: number;
}

/** A writer whose groups end when the test says so. */
class Writer {
  readonly groups: string[][] = [];
  private readonly ends: (() => void)[] = [];

  write = async (items: readonly Item[]): Promise<Outcome<string>[]> => {
    this.groups.push(items.map((item) => item.name));
    await new Promise<void>((resolve) => this.ends.push(resolve));
    return items.map(({ name }) => (name.startsWith('bad') ? { error: new Error(name) } : { value: `${name}!` }));
  };

  end(): void {
    this.ends.shift()?.();
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

function open(more: Partial<GroupCommitOptions<Item, string>> = {}): {
  writer: Writer;
  groups: GroupCommit<Item, string>;
} {
  const writer = new Writer();
  const groups = new GroupCommit<Item, string>({
    write: writer.write,
    keyOf: (item) => item.key,
    sizeOf: (item) => item.size ?? 1,
    maxItems: 3,
    maxSize: 10,
    maxInFlight: 1,
    maxWaiting: 6,
    deadlineMs: 1000,
    ...more,
  });
  return { writer, groups };
}

const names = (count: number): Item[] => Array.from({ length: count }, (_, i) => ({ name: `m${i}` }));

describe('GroupCommit', () => {
  it('collects while a group is being written, and answers each item', async () => {
    const { writer, groups } = open();
    const first = groups.submit({ name: 'a' });
    await turn();
    const others = names(4).map((item) => groups.submit(item));
    await turn();
    expect(writer.groups).toEqual([['a']]);
    writer.end();
    await expect(first).resolves.toBe('a!');
    await turn();
    writer.end();
    await turn();
    writer.end();
    await expect(Promise.all(others)).resolves.toEqual(['m0!', 'm1!', 'm2!', 'm3!']);
    expect(writer.groups).toEqual([['a'], ['m0', 'm1', 'm2'], ['m3']]);
  });

  it('writes as many groups at once as allowed', async () => {
    const { writer, groups } = open({ maxInFlight: 2 });
    const all = names(6).map((item) => groups.submit(item));
    await turn();
    expect(writer.groups).toHaveLength(2);
    writer.end();
    writer.end();
    await Promise.all(all);
  });

  it('never puts the same key into one group, and keeps the order of the rest', async () => {
    const { writer, groups } = open();
    const all = [{ name: 'a', key: 'k' }, { name: 'b', key: 'k' }, { name: 'c' }, { name: 'd', key: 'k' }].map((item) =>
      groups.submit(item),
    );
    for (let i = 0; i < 3; i += 1) {
      await turn();
      writer.end();
    }
    await Promise.all(all);
    expect(writer.groups).toEqual([['a', 'c'], ['b'], ['d']]);
  });

  it('lets an item that is too large for any group go alone', async () => {
    const { writer, groups } = open();
    const all = [
      { name: 'a', size: 6 },
      { name: 'b', size: 6 },
      { name: 'c', size: 99 },
    ].map((item) => groups.submit(item));
    for (let i = 0; i < 3; i += 1) {
      await turn();
      writer.end();
    }
    await Promise.all(all);
    expect(writer.groups).toEqual([['a'], ['b'], ['c']]);
  });

  it('fails only the item that failed, and a whole group when the writer does', async () => {
    const { writer, groups } = open();
    const mixed = [groups.submit({ name: 'good' }), groups.submit({ name: 'bad' })];
    await turn();
    writer.end();
    await expect(Promise.allSettled(mixed)).resolves.toMatchObject([
      { value: 'good!' },
      { reason: { message: 'bad' } },
    ]);
    const broken = open({ write: () => Promise.reject(new Error('gone')) });
    const all = names(2).map((item) => broken.groups.submit(item));
    await expect(Promise.allSettled(all)).resolves.toMatchObject([{ reason: { message: 'gone' } }, { reason: {} }]);
  });

  it('answers in time, and forgets whom it has told so', async () => {
    const { writer, groups } = open({ deadlineMs: 30 });
    const inFlight = groups.submit({ name: 'a' });
    await turn();
    const waiting = groups.submit({ name: 'b' });
    await expect(inFlight).rejects.toBeInstanceOf(GroupCommitOverdue);
    await expect(waiting).rejects.toBeInstanceOf(GroupCommitOverdue);
    writer.end();
    await turn();
    const next = groups.submit({ name: 'c' });
    await turn();
    writer.end();
    await expect(next).resolves.toBe('c!');
    expect(writer.groups).toEqual([['a'], ['c']]);
  });

  it('refuses at once when too many wait', async () => {
    const { writer, groups } = open({ maxWaiting: 2 });
    const kept = names(2).map((item) => groups.submit(item));
    await expect(groups.submit({ name: 'late' })).rejects.toBeInstanceOf(GroupCommitOverdue);
    await turn();
    writer.end();
    await Promise.all(kept);
  });
});
