/** One request that wants too much, and the limit it must meet. */
export interface Attack {
  readonly name: string;
  readonly query: string;
  readonly code: 'QUERY_TOO_COMPLEX' | 'BAD_REQUEST';
}

const nested = (depth: number, leaf = 'n'): string => `${'child{'.repeat(depth)}${leaf}${'}'.repeat(depth)}`;

/** Documents that kept an unprotected server busy for 20 ms to more than 20 s; `root` is a field that gives a thing. */
export function attacks(operation: 'query' | 'subscription', root: string): Attack[] {
  const document = (selection: string, rest = ''): string => `${operation}{${root}{${selection}}}${rest}`;
  const doubling = Array.from({ length: 12 }, (_, i) => `fragment F${i} on Thing{...F${i + 1} child{...F${i + 1}}}`);
  return [
    { name: '11 levels', query: document(nested(10)), code: 'QUERY_TOO_COMPLEX' },
    { name: '200 levels', query: document(nested(200)), code: 'QUERY_TOO_COMPLEX' },
    {
      name: '21 aliases',
      query: document(Array.from({ length: 21 }, (_, i) => `a${i}:n`).join(' ')),
      code: 'QUERY_TOO_COMPLEX',
    },
    {
      name: '2,000 aliases',
      query: document(Array.from({ length: 2000 }, (_, i) => `a${i}:n`).join(' ')),
      code: 'QUERY_TOO_COMPLEX',
    },
    { name: '10,000 duplicate fields', query: document('n '.repeat(10_000)), code: 'QUERY_TOO_COMPLEX' },
    { name: '3,000 directives', query: document(`n ${'@skip(if:false) '.repeat(3000)}`), code: 'QUERY_TOO_COMPLEX' },
    {
      name: '30 directives on 30 fields',
      query: document(Array.from({ length: 30 }, () => 'n @skip(if:false)').join(' ')),
      code: 'QUERY_TOO_COMPLEX',
    },
    {
      name: '800 fields that overlap',
      query: document(Array.from({ length: 800 }, () => 'child{n}').join(' ')),
      code: 'QUERY_TOO_COMPLEX',
    },
    {
      name: 'fragments that double twelve times',
      query: document('...F0', `${doubling.join(' ')} fragment F12 on Thing{n}`),
      code: 'QUERY_TOO_COMPLEX',
    },
    { name: 'lists in lists', query: document('things{things{things{things{things{n}}}}}'), code: 'QUERY_TOO_COMPLEX' },
    { name: 'a fragment in itself', query: document('...F', 'fragment F on Thing{child{...F}}'), code: 'BAD_REQUEST' },
    { name: 'an unknown field', query: document('nn'), code: 'BAD_REQUEST' },
    { name: 'no GraphQL at all', query: '{{{', code: 'BAD_REQUEST' },
  ];
}
