import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { SocketFollower, StreamFollower } from '../support/follow.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';
import { mailTo, PosternClient } from '../support/postern-client.js';
import { type SeverableProxy, startSeverableProxy } from '../support/severable-proxy.js';
import { SmtpSink } from '../support/smtp-sink.js';
import { type RunningPostern, startPostern } from '../support/start-postern.js';
import { RELAY_TLS, TEST_CA } from '../support/tls-fixture.js';
import { waitFor } from '../support/wait-for.js';

/** Every value that a person could be recognised by, or that opens a door, begins with this. */
const MARK = 'zq7canary';
const PASSWORD = `${MARK}-password`;

let database: TestDatabase;
let proxy: SeverableProxy;
let sink: SmtpSink;
let postern: RunningPostern;
let client: PosternClient;
let live: PosternClient;

beforeAll(async () => {
  database = await createTestDatabase();
  proxy = await startSeverableProxy(database.url);
  sink = await SmtpSink.start({
    tls: RELAY_TLS,
    auth: { user: `${MARK}-user`, pass: PASSWORD },
    // Relays like to quote the address.
    refuse: (address) =>
      address.includes('unknown')
        ? `550 5.1.1 <${address}>: ${address} is not here`
        : address.includes('later')
          ? `451 4.7.1 <${address}> come back later`
          : undefined,
  });
  postern = await startPostern({
    env: {
      POSTERN_LOG_LEVEL: 'debug',
      POSTERN_DATABASE_URL: proxy.url,
      POSTERN_SMTP_URL: `smtp://${MARK}-user:${PASSWORD}@127.0.0.1:${sink.port}`,
      POSTERN_SMTP_TLS_CA: TEST_CA,
    },
  });
  client = new PosternClient(postern.url, postern.key);
  live = client.at(client.url, (await client.createKey('LIVE')).secret);
}, 60_000);

afterAll(async () => {
  await proxy.close();
  await sink.close();
  await database.drop();
}, 30_000);

function canary(to: string, rest: Record<string, unknown> = {}): Record<string, unknown> {
  return mailTo(`${MARK}-${to}`, {
    from: { address: `${MARK}-sender@example.com`, name: `${MARK} name` },
    replyTo: [{ address: `${MARK}-reply@example.com` }],
    subject: `${MARK} subject`,
    content: { inline: { text: `${MARK} text`, html: `<p>${MARK} html</p>` } },
    headers: [{ name: 'X-Order', value: `${MARK} header` }],
    attachments: [
      { filename: `${MARK}.txt`, source: { base64: Buffer.from(`${MARK} attachment`).toString('base64') } },
    ],
    tags: [`${MARK}-tag`],
    metadata: [{ key: 'customer', value: `${MARK} metadata` }],
    ...rest,
  });
}

const SEND =
  'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } userErrors { code } } }';

async function untilStatus(id: string, status: string): Promise<void> {
  await waitFor(async () => (await live.message(id))?.status === status);
}

describe('what is written down', () => {
  it('in good times: sent, bounced, deferred, in doubt, watched, listed', async () => {
    const socket = await SocketFollower.open(live, { filter: { recipients: [`${MARK}-ok@example.com`] } });
    const stream = await StreamFollower.open(live);
    const sandboxed = await client.accepted(canary('delivered@example.com'));
    const [ok, unknown, later] = [
      await live.accepted(canary('ok@example.com', { idempotencyKey: `${MARK}-key` })),
      await live.accepted(canary('unknown@example.com')),
      await live.accepted(canary('later@example.com')),
    ];
    await untilStatus(sandboxed.message.id, 'DELIVERED');
    await untilStatus(ok.message.id, 'HANDED_OFF');
    await untilStatus(unknown.message.id, 'BOUNCED');
    await untilStatus(later.message.id, 'DEFERRED');
    await live.send(canary('other@example.com', { idempotencyKey: `${MARK}-key` }));
    await live.get(
      'query ($r: String) { messages(filter: { recipient: $r }) { nodes { subject content { text } } } }',
      {
        r: `${MARK}-ok@example.com`,
      },
    );
    await live.change('cancelMessage', { id: later.message.id });
    await stream.count(8);
    await Promise.all([socket.stop(), stream.stop()]);
  });

  it('of bad requests: refused, malformed, of wrong types, with a wrong key, as GET', async () => {
    await live.send(canary('not an address', { subject: `${MARK}\r\nBcc: ${MARK}@example.com` }));
    for (const input of [
      `${MARK} text`,
      { ...canary('a@example.com'), [`${MARK}field`]: 1 },
      { ...canary('a@example.com'), subject: { [MARK]: 1 } },
    ]) {
      const { errors } = await live.ask(SEND, { input });
      expect(errors[0]?.extensions.code).toBe('BAD_REQUEST');
    }
    await live.ask(`{ ${MARK} }`);
    await live.ask(`mutation { sendMessage(input: { subject: "${MARK} @@@ `);
    await live.post(`{"query": "${MARK}`);
    await live.at(live.url, `pst_live_${MARK}`).ask(SEND, { input: canary('a@example.com') });
    await fetch(`${live.url}/graphql?query={${MARK}(address:"${MARK}@example.com")}`);
    await fetch(`${live.url}/graphql/stream?query=subscription{${MARK}}&token=${live.key}`);
    await fetch(`${live.url}/nowhere?address=${MARK}@example.com`, { headers: { cookie: MARK } });
    const follower = await StreamFollower.open(live, { after: `${MARK}-cursor` });
    await follower.ended();
    await follower.stop();
  });

  it('of a row the database refuses, and quotes in full', async () => {
    const admin = new pg.Client({ connectionString: database.url });
    await admin.connect();
    try {
      await admin.query(`alter table recipient add constraint poison check (address not like '%poison%') not valid`);
      const response = await live.post(
        JSON.stringify({ query: SEND, variables: { input: canary('poison@example.com') } }),
      );
      const text = await response.text();
      expect(text).toMatch(/"code":"(INTERNAL|INVALID_VALUE)"/);
      expect(text).not.toContain(MARK);
    } finally {
      await admin.query('alter table recipient drop constraint poison');
      await admin.end();
    }
  });

  it('of an outage of the database, and of the relay', async () => {
    const [socket, stream] = [await SocketFollower.open(live), await StreamFollower.open(live)];
    await Promise.all([socket.caughtUp(), stream.caughtUp()]);
    proxy.cut();
    // Within a second the answer about the key is still known: the faults lie deeper then.
    for (const query of [
      `query { messages(filter: { recipient: "${MARK}@example.com" }) { nodes { id } } }`,
      `query { message(idempotencyKey: "${MARK}-key") { id } }`,
      `query { events(filter: { recipients: ["${MARK}@example.com"] }) { nodes { id } } }`,
    ]) {
      const { errors } = await live.ask(query);
      expect(errors[0]?.extensions).toMatchObject({ code: 'UNAVAILABLE', retryable: true });
    }
    const { errors } = await live.ask(SEND, {
      input: canary('outage@example.com', { idempotencyKey: `${MARK}-outage` }),
    });
    expect(errors[0]?.extensions).toMatchObject({ code: 'UNAVAILABLE', retryable: true });
    await waitFor(async () => (await fetch(`${live.url}/readyz`)).status === 503);
    proxy.mend();
    await waitFor(async () => (await fetch(`${live.url}/readyz`)).status === 200, { timeoutMs: 20_000 });
    const again = await live.accepted(canary('outage@example.com', { idempotencyKey: `${MARK}-outage` }));
    await untilStatus(again.message.id, 'HANDED_OFF');
    await Promise.all([socket.stop(), stream.stop()]);

    await sink.close();
    const { message } = await live.accepted(canary('relay-is-away@example.com'));
    await untilStatus(message.id, 'DEFERRED');
  }, 60_000);

  it('holds no address, name, subject, body, file name, password or key', async () => {
    const metrics = await (await fetch(`${live.url}/metrics`)).text();
    expect(metrics).toContain('postern_attempts_total');
    expect(await postern.stop()).toBe(0);
    const log = postern.log();
    // It is a log at level debug, and of all that went wrong.
    expect(log).toMatch(/"level":"debug"/);
    expect(log).toMatch(/"level":"(error|warn)"/);
    const written = [...log.split('\n'), ...metrics.split('\n')];
    const secrets = [MARK, live.key.slice(9), client.key.slice(9), new URL(database.url).password];
    for (const secret of secrets.filter((text) => text !== '')) {
      expect(written.filter((line) => line.includes(secret))).toEqual([]);
    }
    // The first key is shown once, in the ready line, and nothing else is on stdout.
    expect(postern.output().trim().split('\n')).toHaveLength(1);
    expect(postern.output()).not.toContain(MARK);
    const encoded = Buffer.from(`${MARK} attachment`).toString('base64').slice(0, 16);
    expect(written.filter((line) => line.includes(encoded))).toEqual([]);
  });
});
