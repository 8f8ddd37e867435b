import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createClient } from 'graphql-ws';
import pg from 'pg';
import WebSocket from 'ws';
import { Cluster } from '../support/cluster.js';
import { type Followed, type Follower, SocketFollower, StreamFollower } from '../support/follow.js';
import { mailTo, PosternClient } from '../support/postern-client.js';
import type { RunningPostern } from '../support/start-postern.js';
import { waitFor } from '../support/wait-for.js';

const BUFFER = 16;

type Opener = (client: PosternClient, place: Followed) => Promise<Follower>;

let cluster: Cluster;
let postern: RunningPostern;
let client: PosternClient;

beforeAll(async () => {
  cluster = await Cluster.create({ POSTERN_SUBSCRIPTION_BUFFER: String(BUFFER) });
  [postern] = await cluster.start('all');
  client = cluster.admin(postern.url);
}, 60_000);

afterAll(async () => {
  await cluster.end();
}, 30_000);

/** Sends so many at once and gives the place in the log before them. */
async function sendMany(count: number, rest: Record<string, unknown> = {}): Promise<string> {
  const { cursor } = await client.accepted(mailTo('delivered@postern.test', rest));
  await Promise.all(Array.from({ length: count - 1 }, () => client.accepted(mailTo('delivered@postern.test', rest))));
  return cursor;
}

/** What the log holds after a place, page by page. */
async function stored(after: string, filter: Record<string, unknown> = {}): Promise<string[]> {
  const query = `query ($after: Cursor, $filter: EventFilter) {
    events(first: 100, after: $after, filter: $filter) { nodes { id } pageInfo { hasNextPage endCursor } }
  }`;
  interface Page {
    events: { nodes: { id: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } };
  }
  const ids: string[] = [];
  for (let place: string | null = after; place !== null;) {
    const page: Page = await client.get<Page>(query, { after: place, filter });
    ids.push(...page.events.nodes.map(({ id }) => id));
    place = page.events.pageInfo.hasNextPage ? page.events.pageInfo.endCursor : null;
  }
  return ids;
}

/** Subscribes, goes away with the seventh event, and goes on from there, until there are so many. */
async function followInPieces(from: string, total: number, open: Opener): Promise<string[]> {
  const ids: string[] = [];
  for (let after = from; ids.length < total;) {
    const follower = await open(client, { after });
    const wanted = Math.min(7, total - ids.length);
    await follower.count(wanted);
    await follower.stop();
    // Whatever else had arrived was never looked at.
    ids.push(...follower.ids.slice(0, wanted));
    after = follower.cursorOf(wanted - 1);
  }
  return ids;
}

describe('a subscription that was cut off', () => {
  it('goes on from its last cursor without gap or repeat, on either door, over and over', async () => {
    const from = await sendMany(15);
    const [overSocket, overStream] = await Promise.all([
      followInPieces(from, 45, SocketFollower.open.bind(SocketFollower)),
      followInPieces(from, 45, StreamFollower.open.bind(StreamFollower)),
    ]);
    const expected = (await stored(from)).toSorted();
    expect(expected).toHaveLength(45);
    expect(overSocket.toSorted()).toEqual(expected);
    expect(overStream.toSorted()).toEqual(expected);
  });

  it('goes on by itself with the usual client, when the last cursor stands in its variables', async () => {
    const sockets: WebSocket[] = [];
    const usual = createClient({
      url: `${client.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${client.key}` },
      retryWait: () => Promise.resolve(),
      on: { connected: (socket) => sockets.push(socket as WebSocket) },
    });
    const query = `subscription ($after: Cursor) {
      events(after: $after) { ... on EventEdge { cursor node { id } } ... on StreamCaughtUp { cursor } }
    }`;
    const from = await sendMany(2);
    const variables = { after: from };
    const ids: string[] = [];
    let more: Promise<unknown> | undefined;
    for await (const { data } of usual.iterate<{ events: { cursor: string; node?: { id: string } } }>({
      query,
      variables,
    })) {
      if (data?.events.node !== undefined) ids.push(data.events.node.id);
      variables.after = data?.events.cursor ?? variables.after;
      if (ids.length === 5) {
        sockets[0]?.terminate();
        // Only the next socket can bring these. Not waited for: what has arrived is to be read before it opens.
        more = sendMany(2);
      }
      if (ids.length === 12) break;
    }
    await more;
    await usual.dispose();
    expect(sockets).toHaveLength(2);
    expect(ids.toSorted()).toEqual((await stored(from)).toSorted());
  });

  it('is told of a gap when the log is no longer kept back to its cursor, and goes on', async () => {
    const from = await sendMany(1);
    const database = new pg.Client({ connectionString: cluster.databaseUrl });
    await database.connect();
    try {
      await database.query('update installation set events_kept_since = clock_timestamp()');
      const follower = await SocketFollower.open(client, { after: from });
      await follower.caughtUp();
      expect(follower.items[0]).toMatchObject({ __typename: 'StreamGap', resumeAfter: expect.any(String) });
      await follower.stop();
      const resumed = await StreamFollower.open(client, { after: follower.cursor });
      await resumed.caughtUp();
      expect(resumed.items.filter((item) => item.__typename === 'StreamGap')).toEqual([]);
      await resumed.stop();
    } finally {
      await database.query('update installation set events_kept_since = default');
      await database.end();
    }
  });

  it('is refused when its cursor is nonsense', async () => {
    const follower = await StreamFollower.open(client, { after: 'nonsense' });
    await follower.ended();
    expect(follower.errors[0]?.extensions).toMatchObject({ code: 'BAD_REQUEST', retryable: false });
    await follower.stop();
  });

  it('survives a restart of the service by SIGTERM while mail flows', async () => {
    const socket = await SocketFollower.open(client);
    const stream = await StreamFollower.open(client);
    await Promise.all([socket.caughtUp(), stream.caughtUp()]);
    const from = socket.cursor ?? '';
    // One of them is in the middle of its hand-over when the signal comes.
    await client.accepted(mailTo('slow@postern.test'));
    await sendMany(19);
    await Promise.all([socket.count(3), stream.count(3)]);

    expect(await cluster.stop(postern)).toBe(0);
    await waitFor(() => socket.closed && stream.closed);
    expect(socket.closeCode).toBe(1001);
    expect(stream.errors.map(({ extensions }) => extensions.code)).toEqual(['SHUTTING_DOWN']);
    expect(stream.errors[0]?.extensions.retryable).toBe(true);

    [postern] = await cluster.start('all');
    client = client.at(postern.url);
    await sendMany(5);
    const [overSocket, overStream] = [
      await SocketFollower.open(client, { after: socket.cursor }),
      await StreamFollower.open(client, { after: stream.cursor }),
    ];
    for (const [first, second] of [
      [socket, overSocket],
      [stream, overStream],
    ] as const) {
      await second.count(75 - first.events.length);
      await second.stop();
      const ids = [...first.ids, ...second.ids];
      expect(ids.toSorted()).toEqual((await stored(from)).toSorted());
    }
    // Nothing was sent twice because of the restart.
    expect([...overSocket.types, ...socket.types].filter((type) => type === 'HANDED_OFF')).toHaveLength(25);
  }, 60_000);

  it('was too slow: it is told so with a cursor instead of being buffered, and goes on from there', async () => {
    const slow = await SocketFollower.open(client, { more: 'message { content { text } }' });
    await slow.caughtUp();
    const from = slow.cursor ?? '';
    slow.socket.pause();
    // Each event carries a body of a megabyte, so that few fill what the kernel takes for the client.
    // One message at a time: the buffer must not run over within a second of the last event taken.
    const content = { inline: { text: 'slow '.repeat(200_000) } };
    let messages = 0;
    await waitFor(
      async () => {
        messages += 1;
        await sendMany(1, { content });
        return (await metric('postern_subscribers')) === 0;
      },
      { timeoutMs: 20_000, everyMs: 250 },
    );
    slow.socket.resume();
    await slow.ended();
    expect(slow.errors[0]?.extensions).toMatchObject({ code: 'SLOW_CONSUMER', retryable: true });
    expect(slow.events.length).toBeLessThan(3 * messages);
    await slow.stop();

    const resumed = await StreamFollower.open(client, { after: slow.cursor });
    await resumed.count(3 * messages - slow.events.length);
    await resumed.stop();
    expect([...slow.ids, ...resumed.ids].toSorted()).toEqual((await stored(from)).toSorted());
  }, 60_000);
});

async function metric(name: string): Promise<number> {
  const text = await (await fetch(`${client.url}/metrics`)).text();
  return Number(new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1]);
}
