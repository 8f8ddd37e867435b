import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ReadyFacts, startBanner } from '../../src/start-banner.js';
import { SocketFollower, StreamFollower } from '../support/follow.js';
import { mailTo, PosternClient } from '../support/postern-client.js';
import { Running, shellEnvironment } from '../support/shell.js';
import { type RunningPostern, startPostern } from '../support/start-postern.js';
import { waitFor } from '../support/wait-for.js';

let postern: RunningPostern;
let client: PosternClient;

beforeAll(async () => {
  postern = await startPostern({ database: 'embedded' });
  client = new PosternClient(postern.url, postern.key);
}, 60_000);

afterAll(async () => {
  await postern.stop();
}, 30_000);

/** The two commands the banner prints, as they would be pasted. */
function printedCommands(): { watch: string; send: string } {
  const { ready } = postern;
  const banner = startBanner({
    version: String(ready['version']),
    config: {
      role: 'all',
      host: String(ready['host']),
      dataDir: postern.dataDir,
      databaseUrl: undefined,
      explorer: true,
    },
    providers: [],
    port: Number(ready['port']),
    testKey: String(ready['testKey']),
    credentials: String(ready['credentials']),
    startedInMs: 1,
  } satisfies ReadyFacts);
  const [, watch = '', send = ''] = /Watch[^\n]*\n([^]*?)\n\n *Send:\n([^]*?)\n\n/.exec(banner) ?? [];
  return { watch, send };
}

describe('a newcomer', () => {
  it('finds the key in a file of their own, and nothing but the ready line on stdout', () => {
    const file = join(postern.dataDir, 'credentials');
    expect(readFileSync(file, 'utf8')).toBe(`${postern.key}\n`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(postern.output().trim().split('\n')).toHaveLength(1);
    expect(postern.ready).toMatchObject({ database: 'embedded', relay: false, credentials: file });
  });

  it('pastes the two printed commands, and sees the mail arrive', async () => {
    const { watch, send } = printedCommands();
    const options = { cwd: postern.dataDir, env: shellEnvironment(postern.dataDir, 'stand-in') };
    const watching = new Running(['sh', '-c', watch], options);
    try {
      await waitFor(() => watching.output.includes('StreamCaughtUp'));
      const sending = new Running(['sh', '-c', send], options);
      expect(await sending.ended).toBe(0);
      const { data } = JSON.parse(sending.output) as { data: { sendMessage: { message: unknown; userErrors: [] } } };
      expect(data.sendMessage).toMatchObject({ message: { id: expect.stringMatching(/^msg_/) }, userErrors: [] });
      await waitFor(() => watching.output.includes('"DELIVERED"'));
      expect(watching.output).toMatch(/"ACCEPTED"[^]*"DELIVERED"/);
    } finally {
      await watching.stop();
    }
  });

  it('sees the events of a message on both doors, and its mail in the inbox', async () => {
    const followers = [await SocketFollower.open(client), await StreamFollower.open(client)];
    for (const follower of followers) await follower.caughtUp();
    const { message, cursor } = await client.accepted(mailTo('delivered+newcomer@postern.test'));
    for (const follower of followers) {
      await follower.count(3);
      expect(follower.types).toEqual(['ACCEPTED', 'HANDED_OFF', 'DELIVERED']);
      expect(follower.events).toMatchObject([
        { messageId: message.id, address: 'delivered+newcomer@postern.test', status: 'QUEUED' },
        { messageId: message.id, status: 'HANDED_OFF', attempt: 1, code: 250, enhancedCode: '2.0.0' },
        { messageId: message.id, status: 'DELIVERED', attempt: 1 },
      ]);
      await follower.stop();
    }
    // Whoever subscribes late has missed nothing.
    const late = await StreamFollower.open(client, { after: cursor, filter: { messageIds: [message.id] } });
    await late.count(3);
    expect(late.events).toEqual(followers[0]?.events);
    await late.stop();

    const [mail] = await client.caught(message.id);
    expect(mail).toMatchObject({ subject: 'Your order', envelopeTo: 'delivered+newcomer@postern.test' });
    expect(mail?.raw).toContain('It is on its way.');
    expect(await client.message(message.id)).toMatchObject({ status: 'DELIVERED' });
  });

  it('follows one message to its end', async () => {
    const { message } = await client.accepted(mailTo('bounced@postern.test'));
    const follower = await SocketFollower.open(client, { id: message.id });
    await waitFor(() => follower.complete);
    expect(follower.types).toEqual(['ACCEPTED', 'BOUNCED']);
    expect(follower.events[1]).toMatchObject({ reason: 'BAD_MAILBOX', code: 550, enhancedCode: '5.1.1' });
    await follower.stop();
  });

  it('opens the explorer, the inbox, the schema and the errors page, and asks for health and numbers', async () => {
    for (const path of ['/graphiql', '/inbox', '/schema.graphql', '/docs/errors', '/livez', '/readyz', '/startupz']) {
      expect([path, (await fetch(`${postern.url}${path}`)).status]).toEqual([path, 200]);
    }
    const metrics = await (await fetch(`${postern.url}/metrics`)).text();
    expect(metrics).toMatch(/^postern_messages_accepted_total\{[^}]*sandbox="true"[^}]*\} [1-9]/m);
    expect(metrics).toMatch(/^postern_attempts_total\{[^}]*outcome="accepted"[^}]*\} [1-9]/m);
  });

  it('stops it without a word of complaint', async () => {
    expect(await postern.stop()).toBe(0);
    expect(postern.log()).not.toMatch(/"level":"(?:warn|error|fatal)"/);
  });
});
