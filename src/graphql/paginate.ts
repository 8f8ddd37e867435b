import type { ConnectionOf } from './connection.js';
import { DEFAULT_PAGE, MAX_PAGE, type PageArgs } from './page.args.js';
import { topError } from './postern-error.js';

/** Which rows of an ordered list to read. */
export interface PageWindow<Key> {
  /** One more than the page holds: the extra row tells whether the list goes on. */
  readonly limit: number;
  /** Exclusive bounds in the list's own order. */
  readonly after: Key | undefined;
  readonly before: Key | undefined;
  /** Read from the end: the rows come in the opposite order. */
  readonly backwards: boolean;
}

/** An ordered list that can be read from any of its keys on. */
export interface PagedList<Row, Key, Node> {
  fetch(window: PageWindow<Key>): Promise<readonly Row[]>;
  keyOf(row: Row): Key;
  encode(key: Key): string;
  /** Undefined for a text that encode never made; what passes must be safe as a SQL parameter. */
  decode(cursor: string): Key | undefined;
  toNode(row: Row): Node;
}

/** Reads one page by keyset: the cost does not grow with the distance from the start. */
export async function paginate<Row, Key, Node>(
  args: PageArgs,
  list: PagedList<Row, Key, Node>,
): Promise<ConnectionOf<Node>> {
  const size = pageSize(args);
  const backwards = args.last !== undefined && args.last !== null;
  const after = readCursor(args.after, 'after', list);
  const before = readCursor(args.before, 'before', list);

  const fetched = await list.fetch({ limit: size + 1, after, before, backwards });
  const rows = fetched.slice(0, size);
  if (backwards) rows.reverse();
  const more = fetched.length > size;

  const edges = rows.map((row) => ({ cursor: list.encode(list.keyOf(row)), node: list.toNode(row) }));
  return {
    edges,
    nodes: edges.map((edge) => edge.node),
    pageInfo: {
      // In the direction not read, a bound that was given is an entry that was passed.
      hasNextPage: backwards ? before !== undefined : more,
      hasPreviousPage: backwards ? more : after !== undefined,
      startCursor: edges.at(0)?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}

function pageSize({ first, last }: PageArgs): number {
  if (typeof first === 'number' && typeof last === 'number') {
    throw topError('BAD_REQUEST', 'Give first or last, not both.');
  }
  const size = first ?? last ?? DEFAULT_PAGE;
  if (size >= 1 && size <= MAX_PAGE) return size;
  throw topError('BAD_REQUEST', `${typeof last === 'number' ? 'last' : 'first'} must be from 1 to ${MAX_PAGE}.`);
}

function readCursor<Key>(
  cursor: string | null | undefined,
  name: string,
  list: { decode(cursor: string): Key | undefined },
): Key | undefined {
  if (cursor === undefined || cursor === null) return undefined;
  const key = list.decode(cursor);
  if (key === undefined) throw topError('BAD_REQUEST', `${name} is not a cursor of this list.`);
  return key;
}
