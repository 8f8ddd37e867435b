import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Cluster } from '../support/cluster.js';
import { SocketFollower, StreamFollower } from '../support/follow.js';
import { mailTo, PosternClient } from '../support/postern-client.js';
import { waitFor } from '../support/wait-for.js';

let cluster: Cluster;
let admin: PosternClient;
let replicas: readonly [string, string];

beforeAll(async () => {
  cluster = await Cluster.create();
  const [one, two] = await cluster.start('api', 'api');
  replicas = [one.url, two.url];
  admin = cluster.admin(one.url);
}, 60_000);

afterAll(async () => {
  await cluster.end();
}, 30_000);

const VIEWER = '{ viewer { key { id } } }';

async function codeOf(client: PosternClient): Promise<string | undefined> {
  return (await client.ask(VIEWER)).errors[0]?.extensions.code;
}

describe('a revoked key', () => {
  it('is refused on every replica within a second, and its sockets and streams are closed', async () => {
    const { id, secret } = await admin.createKey('TEST');
    const clients = replicas.map((url) => new PosternClient(url, secret));
    const sockets = await Promise.all(clients.map((client) => SocketFollower.open(client)));
    const streams = await Promise.all(clients.map((client) => StreamFollower.open(client)));
    for (const follower of [...sockets, ...streams]) await follower.caughtUp();
    // Both replicas have just asked for the key, so that their answers are as fresh as can be.
    for (const client of clients) expect(await codeOf(client)).toBeUndefined();

    const query = 'mutation ($input: RevokeApiKeyInput!) { revokeApiKey(input: $input) { userErrors { code } } }';
    expect(await admin.get(query, { input: { id } })).toEqual({ revokeApiKey: { userErrors: [] } });
    const revoked = performance.now();
    for (const client of clients) {
      let lastTaken = revoked;
      await waitFor(async () => {
        const began = performance.now();
        const code = await codeOf(client);
        if (code === undefined) lastTaken = began;
        return code === 'UNAUTHENTICATED';
      });
      expect(lastTaken - revoked).toBeLessThan(1000);
    }
    const refused = await clients[1]?.ask(
      'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { replayed } }',
      {
        input: mailTo('delivered@postern.test'),
      },
    );
    expect(refused?.errors[0]?.extensions.code).toBe('UNAUTHENTICATED');

    // Looked after once a second; the rest is for a busy machine.
    await waitFor(() => [...sockets, ...streams].every((follower) => follower.closed), { timeoutMs: 4000 });
    for (const socket of sockets) expect(socket.closeCode).toBe(4403);
    for (const stream of streams) {
      expect(stream.errors.map(({ extensions }) => extensions.code)).toEqual(['UNAUTHENTICATED']);
    }

    for (const client of clients) {
      const socket = await SocketFollower.open(client);
      await socket.ended();
      expect(socket.closeCode).toBe(4403);
      const stream = await StreamFollower.open(client);
      await stream.ended();
      expect([stream.status, stream.errors[0]?.extensions.code]).toEqual([401, 'UNAUTHENTICATED']);
    }
    expect(await codeOf(admin)).toBeUndefined();
  });

  it('is like one that never was, or is over', async () => {
    const { secret } = await admin.createKey('TEST');
    for (const key of ['', 'nonsense', `${secret.slice(0, -1)}${secret.endsWith('a') ? 'b' : 'a'}`]) {
      expect(await codeOf(admin.at(admin.url, key))).toBe('UNAUTHENTICATED');
    }
    const query = `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret } }`;
    const expiresAt = new Date(Date.now() + 3000).toISOString();
    const input = { name: 'short', mode: 'TEST', scopes: ['READ'], expiresAt };
    const { createApiKey } = await admin.get<{ createApiKey: { secret: string } }>(query, { input });
    const short = admin.at(admin.url, createApiKey.secret);
    expect(await codeOf(short)).toBeUndefined();
    const socket = await SocketFollower.open(short);
    await waitFor(async () => (await codeOf(short)) === 'UNAUTHENTICATED', { timeoutMs: 8000 });
    await waitFor(() => socket.closed, { timeoutMs: 8000 });
    expect(socket.closeCode).toBe(4403);
  });

  it('cannot be used to lock everybody out: a key does not revoke itself', async () => {
    const { viewer } = await admin.get<{ viewer: { key: { id: string } } }>(VIEWER);
    const query = 'mutation ($input: RevokeApiKeyInput!) { revokeApiKey(input: $input) { userErrors { code path } } }';
    const answer = await admin.get(query, { input: { id: viewer.key.id } });
    expect(answer).toEqual({ revokeApiKey: { userErrors: [{ code: 'INVALID_VALUE', path: ['id'] }] } });
  });
});
