import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { attacks } from './attacks.js';
import { type EdgeApp, SECRET, seen, startEdge } from './edge-app.js';

interface Answer {
  data?: Record<string, unknown> | null;
  errors?: { message: string; path?: string[]; extensions: Record<string, unknown> }[];
}

let edge: EdgeApp;
const ask = async (query: string, headers: Record<string, string> = {}, variables?: object): Promise<Answer> => {
  const response = await edge.post({ query, variables }, headers);
  return (await response.json()) as Answer;
};

beforeAll(async () => {
  edge = await startEdge({ explorer: false, maxRequestBytes: 64 * 1024 });
});

afterAll(async () => {
  await edge.app.close();
});

describe('POST /graphql', () => {
  it('answers with the caller it found and the request id in the header', async () => {
    const response = await edge.post({ query: '{hello}' }, { 'x-request-id': 'my-request-1' });
    expect(response.headers.get('x-request-id')).toBe('my-request-1');
    expect(await response.json()).toEqual({ data: { hello: 'k1 my-request-1 http' } });
    const { data } = await ask('{hello}', { authorization: 'Bearer bad' });
    expect(data?.['hello']).toMatch(/^nobody [0-9a-f-]{36} http$/);
  });

  it('makes a new request id for one that is not sane', async () => {
    const response = await edge.post({ query: '{hello}' }, { 'x-request-id': 'a"b\\c' });
    expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it.each(attacks('query', 'thing'))('refuses $name', async ({ query, code }) => {
    const { data, errors } = await ask(query);
    expect(data).toBeUndefined();
    expect(errors?.map((error) => error.extensions['code'])).toContain(code);
  });

  it('refuses 100 mutations in one document before any of them runs', async () => {
    const before = seen.sent;
    const query = `mutation{${Array.from({ length: 11 }, (_, i) => `a${i}:send`).join(' ')}}`;
    expect((await ask(query)).errors?.[0]?.extensions).toMatchObject({ code: 'QUERY_TOO_COMPLEX', retryable: false });
    expect(seen.sent).toBe(before);
  });

  it('lets through a page with nested lists and the largest page by variable', async () => {
    const query = 'query($n:Int){page(first:$n){nodes{things{things{n}}}}}';
    expect((await ask(query, {}, { n: 2 })).errors).toBeUndefined();
  });

  it('refuses introspection, batches, mutations by GET, forms and subscriptions', async () => {
    expect((await ask('{__schema{types{name}}}')).errors?.[0]?.extensions['code']).toBe('BAD_REQUEST');
    const batch = await edge.post([{ query: '{hello}' }, { query: '{hello}' }]);
    expect(batch.status).toBe(400);
    const before = seen.sent;
    const get = await fetch(`${edge.url}/graphql?query=mutation{send}`, {
      headers: { 'apollo-require-preflight': '1' },
    });
    expect(get.status).toBe(405);
    const form = await edge.post('query=mutation{send}', { 'content-type': 'application/x-www-form-urlencoded' });
    expect(form.status).toBe(400);
    const text = await edge.post('{"query":"mutation{send}"}', { 'content-type': 'text/plain' });
    expect(text.status).toBe(400);
    expect(seen.sent).toBe(before);
    expect((await ask('subscription{ticks(count:1){n}}')).errors?.[0]?.extensions['code']).toBe('BAD_REQUEST');
  });

  it('names no field of the schema to somebody who guesses', async () => {
    const { errors } = await ask('{thing{chil{n}}}');
    expect(errors?.[0]?.message).not.toMatch(/Did you mean|child/);
  });

  it.each([
    ['plain', 'INTERNAL'],
    ['refused', 'UNAVAILABLE'],
    ['diskFull', 'UNAVAILABLE'],
    ['unknownCommit', 'UNAVAILABLE'],
    ['terminated', 'UNAVAILABLE'],
    ['forbidden', 'FORBIDDEN'],
    ['postern', 'RATE_LIMITED'],
  ])('masks a fault (%s) as %s', async (how, code) => {
    const response = await edge.post({ query: '{fail(how:"' + how + '")}' }, { 'x-request-id': 'request-9' });
    const text = await response.text();
    for (const word of SECRET.split(' ')) if (word.length > 3) expect(text).not.toContain(word);
    const [error] = (JSON.parse(text) as Required<Answer>).errors;
    expect(error?.path).toEqual(['fail']);
    expect(error?.extensions).toMatchObject({ code, requestId: 'request-9', docsUrl: `/docs/errors#${code}` });
    if (code === 'UNAVAILABLE') expect(error?.extensions).toMatchObject({ retryable: true, retryAfter: 1 });
    if (how === 'postern') expect(error?.extensions['retryAfter']).toBe(7);
    expect(Object.keys(error?.extensions ?? {})).not.toContain('stacktrace');
  });

  it('answers 503 when callers cannot be looked up', async () => {
    seen.down = true;
    try {
      const response = await edge.post({ query: '{hello}' });
      expect(response.status).toBe(503);
      const { errors } = (await response.json()) as Answer;
      expect(errors?.[0]?.extensions).toMatchObject({ code: 'UNAVAILABLE', retryable: true });
      expect(JSON.stringify(errors)).not.toContain('hunter2');
    } finally {
      seen.down = false;
    }
  });

  it('explains a variable that does not fit, without repeating all of it', async () => {
    const { errors } = await ask(
      'query($at:DateTime!){when(at:$at)}',
      {},
      { at: `2026-02-30T00:00:00Z${'x'.repeat(5000)}` },
    );
    expect(errors?.[0]?.extensions['code']).toBe('BAD_REQUEST');
    expect(errors?.[0]?.message.length).toBeLessThanOrEqual(500);
  });

  it.each(['2026-02-30T00:00:00Z', '2026-12-03T09:54:33', '2026-12-03', 'now', '2026-13-01T00:00:00Z'])(
    'refuses %s as a time',
    async (at) => {
      expect((await ask('query($at:DateTime!){when(at:$at)}', {}, { at })).errors?.[0]?.extensions['code']).toBe(
        'BAD_REQUEST',
      );
      expect((await ask(`{when(at:"${at}")}`)).errors?.[0]?.extensions['code']).toBe('BAD_REQUEST');
    },
  );

  it('reads times with any offset and answers in UTC', async () => {
    expect(await ask('{when(at:"2028-02-29T01:30:00.5+02:00")}')).toEqual({
      data: { when: '2028-02-28T23:30:00.500Z' },
    });
  });

  describe('answers a document that it knows as it did the first time', () => {
    const FAIL = 'query($how:String!){fail(how:$how) again:fail(how:$how)}';
    const WHEN = 'query($at:DateTime!){when(at:$at)}';
    const cases: [string, { query: string; variables?: unknown; operationName?: unknown }, Record<string, string>?][] =
      [
        ['with data', { query: '{known:hello}' }],
        ['with variables', { query: WHEN, variables: { at: '2030-01-31T09:00:00+01:00' } }],
        ['with a variable of another type', { query: WHEN, variables: { at: 'soon' } }],
        ['without its variable', { query: WHEN }],
        ['with variables that are none', { query: WHEN, variables: [] }],
        ['with a resolver that fails', { query: FAIL, variables: { how: 'plain' } }],
        ['with a refusal', { query: FAIL, variables: { how: 'postern' } }],
        ['with an outage', { query: FAIL, variables: { how: 'refused' } }],
        ['with an outcome nobody knows', { query: FAIL, variables: { how: 'unknownCommit' } }],
        [
          'with data and an error',
          { query: 'query($how:String!){hello fail(how:$how)}', variables: { how: 'forbidden' } },
        ],
        ['for nobody', { query: '{known:hello}' }, { authorization: 'Bearer bad' }],
        ['with the name of its operation', { query: 'query A{hello}', operationName: 'A' }],
        ['with another name', { query: 'query A{hello}', operationName: 'B' }],
        ['with a persisted query', { query: '{known:hello}', extensions: { persistedQuery: { version: 1 } } } as never],
        ['for who wants another type', { query: '{known:hello}' }, { accept: 'application/graphql-response+json' }],
        ['for who wants no JSON', { query: '{known:hello}' }, { accept: 'text/plain' }],
        ['as a form', { query: '{known:hello}' }, { 'content-type': 'text/plain' }],
      ];
    it.each(cases)('%s', async (_, body, headers = {}) => {
      const answer = async (given: Record<string, string>): Promise<unknown> => {
        const response = await edge.post(body, { 'x-request-id': 'request-1', ...headers, ...given });
        const { date: _date, ...others } = Object.fromEntries(response.headers);
        return { status: response.status, headers: others, text: await response.text() };
      };
      // Apollo answers who negotiates, in this case what it would answer anyway.
      const apollos = await answer(headers['accept'] === undefined ? { accept: 'application/json, */*;q=0.1' } : {});
      expect(await answer({})).toEqual(apollos);
      await edge.post({ query: body.query }, {});
      expect(await answer({})).toEqual(apollos);
    });

    it('with a mutation that runs once and takes its key', async () => {
      const query = 'mutation{known:send}';
      await ask(query);
      seen.idempotencyKeys = [];
      const before = seen.sent;
      expect(await ask(query, { 'idempotency-key': 'k-2' })).toEqual({ data: { known: before + 1 } });
      expect(seen.idempotencyKeys).toEqual(['k-2']);
    });

    it('without callers that can be looked up', async () => {
      await ask('{known:hello}');
      seen.down = true;
      const response = await edge.post({ query: '{known:hello}' });
      seen.down = false;
      expect(response.status).toBe(503);
      expect(await response.text()).toContain('"code":"UNAVAILABLE"');
    });
  });

  describe('the Idempotency-Key header', () => {
    const send = async (query: string): Promise<{ answer: Answer; keys: (string | undefined)[] }> => {
      seen.idempotencyKeys = [];
      const answer = await ask(query, { 'idempotency-key': 'k-1' });
      return { answer, keys: seen.idempotencyKeys };
    };

    it.each([
      'mutation{send}',
      'mutation{...F} fragment F on Mutation{send}',
      'mutation{__typename send}',
      // Fields of one name are one field.
      'mutation{...F ...G} fragment F on Mutation{send} fragment G on Mutation{send}',
    ])('is taken where there is one mutation: %s', async (query) => {
      const { answer, keys } = await send(query);
      expect(answer.errors).toBeUndefined();
      expect(keys).toEqual(['k-1']);
    });

    it.each([
      'mutation{a:send b:send}',
      'mutation{...F ...G} fragment F on Mutation{a:send} fragment G on Mutation{b:send}',
      'mutation{send ... on Mutation{b:send}}',
    ])('is refused where there are two, and nothing is done: %s', async (query) => {
      for (const _again of [1, 2]) {
        const { answer, keys } = await send(query);
        expect(answer.data).toBeUndefined();
        expect(answer.errors).toMatchObject([
          { message: expect.stringMatching(/idempotencyKey of each input/), extensions: { code: 'BAD_REQUEST' } },
        ]);
        expect(keys).toEqual([]);
        // Known from now on, and without the header nothing is wrong with it.
        expect((await ask(query)).errors).toBeUndefined();
      }
    });

    it('says nothing to a query', async () => {
      expect((await send('{a:hello b:hello}')).answer.errors).toBeUndefined();
    });
  });

  it('answers a body that is too large, malformed or of another type as GraphQL does', async () => {
    const large = await edge.post({ query: `{hello} #${'x'.repeat(70_000)}` });
    expect(large.status).toBe(413);
    expect((await large.json()) as Answer).toMatchObject({ errors: [{ extensions: { code: 'PAYLOAD_TOO_LARGE' } }] });
    const malformed = await edge.post('{"query": ');
    expect(malformed.status).toBe(400);
    expect((await malformed.json()) as Answer).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
    const xml = await edge.post('<a/>', { 'content-type': 'application/xml' });
    expect(xml.status).toBe(415);
    expect(((await xml.json()) as Answer).errors?.[0]?.extensions['requestId']).toBe(xml.headers.get('x-request-id'));
  });

  it('answers an upgrade on another path with 404 and closes', async () => {
    const { port } = new URL(edge.url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.write('GET /other HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    let answer = '';
    for await (const chunk of socket) answer += String(chunk);
    expect(answer).toMatch(/^HTTP\/1.1 404 /);
  });
});

describe('pages', () => {
  it('serves the schema and the errors, and no explorer when it is off', async () => {
    const sdl = await fetch(`${edge.url}/schema.graphql`);
    expect(await sdl.text()).toContain('type Query {');
    const errors = await fetch(`${edge.url}/docs/errors`);
    expect(errors.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await errors.text()).toContain('<section id="IDEMPOTENCY_CONFLICT">');
    expect((await fetch(`${edge.url}/graphiql`)).status).toBe(404);
  });
});
