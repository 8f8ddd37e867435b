import { request } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createClient } from 'graphql-sse';
import { waitFor } from '../../support/wait-for.js';
import { attacks } from './attacks.js';
import { type EdgeApp, SECRET, seen, startEdge } from './edge-app.js';

interface Payload {
  data?: Record<string, unknown>;
  errors?: { message: string; extensions: Record<string, unknown> }[];
}

let edge: EdgeApp;
const open: AbortController[] = [];

function post(body: unknown, headers: Record<string, string> = {}, app = edge): Promise<Response> {
  const controller = new AbortController();
  open.push(controller);
  return fetch(`${app.url}/graphql/stream`, {
    method: 'POST',
    signal: controller.signal,
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      authorization: 'Bearer good',
      ...headers,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

/** What came with each `next`, and whether the stream was completed. */
function read(text: string): { next: Payload[]; completed: boolean } {
  const next = [...text.matchAll(/^event: next\ndata: (.*)\n$/gm)].map(
    (match) => JSON.parse(match[1] ?? '') as Payload,
  );
  return { next, completed: text.endsWith('event: complete\ndata: \n\n') };
}

const stream = async (body: unknown): Promise<ReturnType<typeof read>> => read(await (await post(body)).text());

beforeAll(async () => {
  edge = await startEdge({ explorer: false, maxRequestBytes: 256 * 1024 });
});

afterEach(async () => {
  seen.valid = true;
  for (const controller of open.splice(0)) controller.abort();
  await waitFor(() => seen.openSources === 0);
});

afterAll(async () => {
  await edge.app.close();
});

describe('/graphql/stream', () => {
  it('streams results and completes, by POST and by GET', async () => {
    const response = await post({ query: 'subscription($c:Int!){ticks(count:$c){n}}', variables: { c: 2 } });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    const expected = { next: [{ data: { ticks: { n: 1 } } }, { data: { ticks: { n: 2 } } }], completed: true };
    expect(read(await response.text())).toEqual(expected);

    const query = new URLSearchParams({ query: 'subscription($c:Int!){ticks(count:$c){n}}', variables: '{"c":2}' });
    const got = await fetch(`${edge.url}/graphql/stream?${String(query)}`, {
      headers: { authorization: 'Bearer good' },
    });
    expect(read(await got.text())).toEqual(expected);
  });

  it('works with the client of the protocol', async () => {
    const client = createClient({ url: `${edge.url}/graphql/stream`, headers: { authorization: 'Bearer good' } });
    const got: unknown[] = [];
    for await (const result of client.iterate({ query: 'subscription{ticks(count:3){n}}' })) got.push(result.data);
    expect(got).toHaveLength(3);
    client.dispose();
  });

  it('refuses who is not known, who takes no events, and what is no request', async () => {
    const body = { query: 'subscription{ticks(count:1){n}}' };
    const code = async (response: Response): Promise<unknown> =>
      ((await response.json()) as Payload).errors?.[0]?.extensions['code'];
    const stranger = await post(body, { authorization: 'Bearer bad' });
    expect([stranger.status, await code(stranger)]).toEqual([401, 'UNAUTHENTICATED']);
    const json = await post(body, { accept: 'application/json' });
    expect([json.status, await code(json)]).toEqual([406, 'BAD_REQUEST']);
    for (const wrong of [
      '[]',
      '{}',
      '{"query":1}',
      '{"query":"{a}","variables":[]}',
      '{"query":"{a}","operationName":1}',
      '{',
    ]) {
      const response = await post(wrong);
      expect([response.status, await code(response)]).toEqual([400, 'BAD_REQUEST']);
    }
    expect(
      (await fetch(`${edge.url}/graphql/stream`, { method: 'PUT', headers: { authorization: 'Bearer good' } })).status,
    ).toBe(404);
  });

  it('answers 503 when callers cannot be looked up', async () => {
    seen.down = true;
    const response = await post({ query: 'subscription{quiet{n}}' });
    seen.down = false;
    expect(response.status).toBe(503);
    expect(await response.text()).not.toContain('hunter2');
  });

  it.each(attacks('subscription', 'quiet'))('refuses $name', async ({ query, code }) => {
    const { next, completed } = await stream({ query });
    expect(next[0]?.errors?.map((error) => error.extensions['code'])).toContain(code);
    expect(completed).toBe(true);
  });

  it('runs no query, no mutation and no introspection', async () => {
    const before = seen.sent;
    const codeOf = async (query: string): Promise<unknown> =>
      (await stream({ query })).next[0]?.errors?.[0]?.extensions['code'];
    expect(await codeOf('{hello}')).toBe('SUBSCRIPTIONS_ONLY');
    expect(await codeOf('mutation{send}')).toBe('SUBSCRIPTIONS_ONLY');
    expect(await codeOf('subscription{__schema{types{name}}}')).toBe('BAD_REQUEST');
    expect(seen.sent).toBe(before);
  });

  it('masks faults of the source and passes what was meant for the caller', async () => {
    const plain = await stream({ query: 'subscription{breaks(how:"plain"){n}}' });
    expect(plain.next.map((payload) => payload.errors?.[0]?.extensions['code'])).toEqual([undefined, 'INTERNAL']);
    const text = JSON.stringify(plain);
    for (const word of SECRET.split(' ')) if (word.length > 3) expect(text).not.toContain(word);
    const slow = await stream({ query: 'subscription{breaks(how:"-"){n}}' });
    expect(slow.next.at(-1)?.errors?.[0]?.extensions).toMatchObject({ code: 'SLOW_CONSUMER', cursor: 'c1' });
    expect(slow.completed).toBe(true);
  });

  it('closes the source as soon as the client leaves', async () => {
    const controller = new AbortController();
    const response = fetch(`${edge.url}/graphql/stream?query=subscription{quiet{n}}`, {
      signal: controller.signal,
      headers: { authorization: 'Bearer good' },
    });
    await response;
    await waitFor(() => seen.openSources === 1);
    controller.abort();
    await waitFor(() => seen.openSources === 0);
  });

  it('asks the source for no more than the reader takes', async () => {
    const before = seen.flooded;
    const slow = request(`${edge.url}/graphql/stream?query=subscription{flood{text}}`, {
      headers: { authorization: 'Bearer good' },
    });
    slow.on('response', (response) => response.pause());
    slow.on('error', () => undefined);
    slow.end();
    await waitFor(() => seen.flooded > before);
    let last = -1;
    const isStalled = (): boolean => {
      const now = seen.flooded;
      if (now === last) return true;
      last = now;
      return false;
    };
    await waitFor(isStalled, { everyMs: 200 });
    const asked = seen.flooded - before;
    slow.destroy();
    // What the kernel holds, not what the source has: some megabytes.
    expect(asked).toBeLessThan(60);
  });

  it('ends the stream within two seconds once the key is no longer valid', async () => {
    const response = await post({ query: 'subscription{quiet{n}}' });
    await waitFor(() => seen.openSources === 1);
    seen.valid = false;
    const { next, completed } = read(await response.text());
    expect(next).toMatchObject([{ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] }]);
    expect(completed).toBe(true);
  });

  it('says so when the service is stopped', async () => {
    const other = await startEdge();
    const response = await post({ query: 'subscription{quiet{n}}' }, {}, other);
    await waitFor(() => seen.openSources === 1);
    const closing = other.app.close();
    const { next, completed } = read(await response.text());
    expect(next).toMatchObject([{ errors: [{ extensions: { code: 'SHUTTING_DOWN', retryable: true } }] }]);
    expect(completed).toBe(true);
    await closing;
  });
});
