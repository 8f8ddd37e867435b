import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { waitFor } from '../../support/wait-for.js';
import { attacks } from './attacks.js';
import { type EdgeApp, SECRET, seen, startEdge } from './edge-app.js';

interface Frame {
  id?: string;
  type: string;
  payload?: unknown;
}

/** A socket that keeps every frame it is sent. */
class Peer {
  readonly frames: Frame[] = [];
  readonly closed: Promise<number>;
  readonly socket: WebSocket;

  constructor(url: string, protocol: string | string[] = 'graphql-transport-ws', headers: Record<string, string> = {}) {
    this.socket = new WebSocket(url, protocol, { headers });
    this.socket.on('message', (data: Buffer) => this.frames.push(JSON.parse(String(data)) as Frame));
    this.socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => this.socket.once('close', resolve));
  }

  async send(frame: unknown): Promise<void> {
    if (this.socket.readyState === WebSocket.CONNECTING) await once(this.socket, 'open');
    this.socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }

  async init(payload: unknown = { authorization: 'Bearer good' }): Promise<this> {
    await this.send({ type: 'connection_init', payload });
    await this.frame('connection_ack');
    return this;
  }

  subscribe(id: string, query: string, variables?: object): Promise<void> {
    return this.send({ id, type: 'subscribe', payload: { query, variables } });
  }

  frame(type: string, id?: string): Promise<Frame> {
    return waitFor(() => this.frames.find((frame) => frame.type === type && (id === undefined || frame.id === id)));
  }

  async errorOf(id: string): Promise<{ message: string; extensions: Record<string, unknown> }[]> {
    return (await this.frame('error', id)).payload as { message: string; extensions: Record<string, unknown> }[];
  }
}

let edge: EdgeApp;
const peers: Peer[] = [];
const peer = (...rest: [(string | string[])?, Record<string, string>?]): Peer => {
  const made = new Peer(edge.wsUrl, ...rest);
  peers.push(made);
  return made;
};

/** The kernel takes a few megabytes before the server notices that nobody reads. */
async function stalled(): Promise<void> {
  let last = -1;
  await waitFor(() => (last > 2 && last === seen.flooded) || ((last = seen.flooded), false), { everyMs: 200 });
}

beforeAll(async () => {
  edge = await startEdge({ explorer: false, maxSubscriptionsPerSocket: 3 });
});

afterEach(async () => {
  seen.valid = true;
  for (const { socket } of peers.splice(0)) socket.terminate();
  await waitFor(() => seen.openSources === 0);
});

afterAll(async () => {
  await edge.app.close();
});

describe('graphql-transport-ws', () => {
  it('speaks its own subprotocol only', async () => {
    expect(await peer([]).closed).toBe(4406);
    expect(await peer('graphql-ws').closed).toBe(1006);
    const two = peer(['other', 'graphql-transport-ws']);
    await two.init();
    expect(two.socket.protocol).toBe('graphql-transport-ws');
  });

  it('acknowledges a good credential and closes on another with 4403', async () => {
    await peer().init();
    await peer(undefined, { authorization: 'Bearer good' }).init({});
    const bad = peer();
    await bad.send({ type: 'connection_init', payload: { authorization: 'Bearer bad' } });
    expect(await bad.closed).toBe(4403);
    const none = peer();
    await none.send({ type: 'connection_init' });
    expect(await none.closed).toBe(4403);
  });

  it('waits 3 s for the first message', async () => {
    const silent = peer();
    const started = Date.now();
    expect(await silent.closed).toBe(4408);
    expect(Date.now() - started).toBeLessThan(5000);
  });

  it('closes on what is no message, on a second init and on a subscription before the first', async () => {
    const noise = peer();
    await noise.send('{"no":');
    expect(await noise.closed).toBe(4400);
    const twice = await peer().init();
    await twice.send({ type: 'connection_init' });
    expect(await twice.closed).toBe(4429);
    const early = peer();
    await early.subscribe('1', 'subscription{ticks(count:1){n}}');
    expect(await early.closed).toBe(4401);
    const unknown = await peer().init();
    await unknown.send({ type: 'nonsense' });
    expect(await unknown.closed).toBe(4400);
  });

  it('answers pings with their payload', async () => {
    const one = peer();
    await one.send({ type: 'ping', payload: { a: 1 } });
    expect(await one.frame('pong')).toEqual({ type: 'pong', payload: { a: 1 } });
  });

  it('streams results and completes', async () => {
    const one = await peer().init();
    await one.subscribe('1', 'subscription($c:Int!){ticks(count:$c){n}}', { c: 2 });
    await one.frame('complete', '1');
    expect(one.frames.slice(1)).toEqual([
      { id: '1', type: 'next', payload: { data: { ticks: { n: 1 } } } },
      { id: '1', type: 'next', payload: { data: { ticks: { n: 2 } } } },
      { id: '1', type: 'complete' },
    ]);
  });

  it('closes the source of a quiet subscription as soon as the client completes or leaves', async () => {
    const one = await peer().init();
    await one.subscribe('1', 'subscription{quiet{n}}');
    await one.subscribe('2', 'subscription{quiet{n}}');
    await waitFor(() => seen.openSources === 2);
    await one.send({ id: '1', type: 'complete' });
    await waitFor(() => seen.openSources === 1);
    one.socket.terminate();
    await waitFor(() => seen.openSources === 0);
  });

  it('refuses a second subscription of the same id with 4409', async () => {
    const one = await peer().init();
    await one.subscribe('1', 'subscription{quiet{n}}');
    await one.subscribe('1', 'subscription{quiet{n}}');
    expect(await one.closed).toBe(4409);
  });

  it('works with the client of the protocol', async () => {
    const client = createClient({
      url: edge.wsUrl,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: 'Bearer good' },
    });
    const got: unknown[] = [];
    for await (const result of client.iterate({ query: 'subscription{ticks(count:3){n}}' })) got.push(result.data);
    expect(got).toHaveLength(3);
    await client.dispose();
  });
});

describe('limits on the socket', () => {
  it.each(attacks('subscription', 'quiet'))('refuses $name and stays open', async ({ query, code }) => {
    const one = await peer().init();
    await one.subscribe('1', query);
    if (Buffer.byteLength(query) > 64 * 1024) {
      expect(await one.closed).toBe(1009);
      return;
    }
    const errors = await one.errorOf('1');
    expect(errors.map((error) => error.extensions['code'])).toContain(code);
    expect(errors[0]?.extensions['requestId']).toMatch(/^[0-9a-f-]{36}$/);
    expect(one.socket.readyState).toBe(WebSocket.OPEN);
  });

  it('runs no query, no mutation and no introspection', async () => {
    const one = await peer().init();
    const before = seen.sent;
    await one.subscribe('1', '{hello}');
    await one.subscribe('2', 'mutation{send}');
    await one.subscribe('3', 'subscription{__schema{types{name}}}');
    expect((await one.errorOf('1'))[0]?.extensions['code']).toBe('SUBSCRIPTIONS_ONLY');
    expect((await one.errorOf('2'))[0]?.extensions['code']).toBe('SUBSCRIPTIONS_ONLY');
    expect((await one.errorOf('3'))[0]?.extensions['code']).toBe('BAD_REQUEST');
    expect(seen.sent).toBe(before);
  });

  it('explains variables that do not fit', async () => {
    const one = await peer().init();
    await one.subscribe('1', 'subscription($c:Int!){ticks(count:$c){n}}', { c: 'two' });
    expect((await one.errorOf('1'))[0]?.extensions['code']).toBe('BAD_REQUEST');
    await one.send({
      id: '2',
      type: 'subscribe',
      payload: { query: 'subscription A{quiet{n}} subscription B{quiet{n}}' },
    });
    expect((await one.errorOf('2'))[0]?.extensions['code']).toBe('BAD_REQUEST');
  });

  it('carries so many subscriptions and no more', async () => {
    const one = await peer().init();
    for (const id of ['1', '2', '3', '4']) await one.subscribe(id, 'subscription{quiet{n}}');
    expect((await one.errorOf('4'))[0]?.extensions).toMatchObject({ code: 'RATE_LIMITED', retryable: true });
    await one.send({ id: '1', type: 'complete' });
    await one.subscribe('5', 'subscription{ticks(count:1){n}}');
    await one.frame('complete', '5');
  });

  it('reads no frame of more than 64 KiB, even before it knows who is there', async () => {
    const one = peer();
    await one.send({ type: 'connection_init', payload: { authorization: 'x'.repeat(70_000) } });
    expect(await one.closed).toBe(1009);
  });

  it('masks faults of the source and passes what was meant for the caller', async () => {
    const one = await peer().init();
    await one.subscribe('1', 'subscription{breaks(how:"plain"){n}}');
    await one.subscribe('2', 'subscription{breaks(how:"diskFull"){n}}');
    await one.subscribe('3', 'subscription{breaks(how:"-"){n}}');
    const [plain, disk, slow] = [await one.errorOf('1'), await one.errorOf('2'), await one.errorOf('3')];
    expect(plain[0]?.extensions['code']).toBe('INTERNAL');
    expect(disk[0]?.extensions).toMatchObject({ code: 'UNAVAILABLE', retryAfter: 1 });
    expect(slow[0]?.extensions).toMatchObject({ code: 'SLOW_CONSUMER', cursor: 'c1', retryable: true });
    const text = JSON.stringify(one.frames);
    for (const word of SECRET.split(' ')) if (word.length > 3) expect(text).not.toContain(word);
    expect(one.frames.filter((frame) => frame.type === 'next')).toHaveLength(3);
  });

  it('sends a reader that does not read away with the last cursor', async () => {
    const one = await peer().init();
    one.socket.pause();
    for (const id of ['1', '2', '3']) await one.subscribe(id, 'subscription{flood{cursor text}}');
    await stalled();
    one.socket.resume();
    const slow = await waitFor(() => one.frames.find((frame) => frame.type === 'error'));
    expect((slow.payload as { extensions: Record<string, unknown> }[])[0]?.extensions).toMatchObject({
      code: 'SLOW_CONSUMER',
    });
  });

  it('closes with 4403 within two seconds once the key is no longer valid', async () => {
    const one = await peer().init();
    await one.subscribe('1', 'subscription{quiet{n}}');
    const started = Date.now();
    seen.valid = false;
    expect(await one.closed).toBe(4403);
    expect(Date.now() - started).toBeLessThan(3000);
  });
});

describe('closing', () => {
  it('closes sockets with 1001, cuts off who does not answer, and lets nobody in', async () => {
    const other = await startEdge();
    const polite = await new Peer(other.wsUrl).init();
    const deaf = await new Peer(other.wsUrl).init();
    await polite.subscribe('1', 'subscription{quiet{n}}');
    await waitFor(() => seen.openSources === 1);
    deaf.socket.pause();
    const started = Date.now();
    const closing = other.app.close();
    expect(await polite.closed).toBe(1001);
    await closing;
    expect(Date.now() - started).toBeLessThan(4000);
    deaf.socket.terminate();
    await waitFor(() => seen.openSources === 0);
  });
});
