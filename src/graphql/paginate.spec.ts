import { describe, expect, it } from '@jest/globals';
import { PageArgs } from './page.args.js';
import { type PagedList, paginate } from './paginate.js';

/** The numbers 1 to `size` in order, read by keyset as SQL would. */
const numbers = (size: number): PagedList<number, number, string> => ({
  fetch: async ({ limit, after = 0, before = size + 1, backwards }) => {
    const within = Array.from({ length: size }, (_, i) => i + 1).filter((n) => n > after && n < before);
    return (backwards ? within.toReversed() : within).slice(0, limit);
  },
  keyOf: (n) => n,
  encode: (n) => `c${n}`,
  decode: (cursor) => (/^c\d+$/.test(cursor) ? Number(cursor.slice(1)) : undefined),
  toNode: (n) => `node ${n}`,
});

const page = async (size: number, args: PageArgs) => {
  const { edges, nodes, pageInfo } = await paginate(args, numbers(size));
  return { cursors: edges.map((edge) => edge.cursor), nodes, pageInfo };
};

describe('paginate', () => {
  it('reads every entry once, forwards and backwards', async () => {
    for (const size of [0, 1, 2, 3, 7]) {
      const all = Array.from({ length: size }, (_, i) => `c${i + 1}`);
      const forwards: string[] = [];
      for (let after: string | null = null, more = true; more;) {
        const got = await page(size, { first: 3, after });
        forwards.push(...got.cursors);
        [after, more] = [got.pageInfo.endCursor, got.pageInfo.hasNextPage];
      }
      expect(forwards).toEqual(all);
      const backwards: string[] = [];
      for (let before: string | null = null, more = true; more;) {
        const got = await page(size, { last: 3, before });
        backwards.unshift(...got.cursors);
        [before, more] = [got.pageInfo.startCursor, got.pageInfo.hasPreviousPage];
      }
      expect(backwards).toEqual(all);
    }
  });

  it('gives 25 entries when not told and tells how the page lies', async () => {
    expect((await page(30, {})).cursors).toHaveLength(25);
    expect(await page(3, { first: 1, after: 'c1' })).toEqual({
      cursors: ['c2'],
      nodes: ['node 2'],
      pageInfo: { hasNextPage: true, hasPreviousPage: true, startCursor: 'c2', endCursor: 'c2' },
    });
  });

  it.each([{ first: 0 }, { first: 101 }, { last: -1 }, { first: 1, last: 1 }, { after: 'x' }, { before: '' }])(
    'refuses %j as a bad request',
    async (args) => {
      await expect(page(3, args)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    },
  );
});
