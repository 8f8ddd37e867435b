import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Cluster } from '../support/cluster.js';
import { type Follower, SocketFollower, StreamFollower } from '../support/follow.js';
import { mailTo, PosternClient } from '../support/postern-client.js';
import { SmtpSink } from '../support/smtp-sink.js';
import type { RunningPostern } from '../support/start-postern.js';
import { RELAY_TLS, TEST_CA } from '../support/tls-fixture.js';
import { waitFor } from '../support/wait-for.js';

const MESSAGES = 60;

let sink: SmtpSink;
let cluster: Cluster;
let apis: [RunningPostern, RunningPostern];
let admin: PosternClient;
let live: PosternClient;

beforeAll(async () => {
  sink = await SmtpSink.start({
    tls: RELAY_TLS,
    auth: { user: 'postern', pass: 'open sesame' },
    refuse: (address) => (address.startsWith('nobody') ? `550 5.1.1 <${address}>: no such user` : undefined),
  });
  cluster = await Cluster.create({
    POSTERN_SMTP_URL: `smtp://postern:open%20sesame@127.0.0.1:${sink.port}`,
    POSTERN_SMTP_TLS_CA: TEST_CA,
    POSTERN_RETURN_PATH: 'bounces@example.com',
  });
  const [one, two] = await cluster.start('api', 'api', 'worker', 'worker');
  apis = [one, two];
  admin = cluster.admin(one.url);
  live = admin.at(one.url, (await admin.createKey('LIVE')).secret);
}, 90_000);

afterAll(async () => {
  await cluster.end();
  await sink.close();
}, 30_000);

describe('two apis and two workers on one database', () => {
  it('hand live mail over to the relay, encrypted and authenticated, and tell subscribers of both once', async () => {
    const followers: Follower[] = await Promise.all(
      apis.flatMap(({ url }) => [SocketFollower.open(live.at(url)), StreamFollower.open(live.at(url))]),
    );
    for (const follower of followers) await follower.caughtUp();

    const sent = await Promise.all(
      Array.from({ length: MESSAGES }, (_, n) => {
        const to = n % 10 === 0 ? `nobody-${n}@example.com` : `person-${n}@example.com`;
        return live.at(apis[n % 2]?.url ?? '').accepted(mailTo(to, { subject: `Order ${n}` }));
      }),
    );
    const bounced = MESSAGES / 10;
    await sink.taken(MESSAGES - bounced);
    for (const follower of followers) {
      await follower.count(2 * MESSAGES);
      expect(new Set(follower.ids).size).toBe(2 * MESSAGES);
      expect(follower.events).toHaveLength(2 * MESSAGES);
      expect(follower.types.filter((type) => type === 'BOUNCED')).toHaveLength(bounced);
    }
    // The same events everywhere. Those of one recipient are in order; between transactions that
    // commit at the same moment there is none, so replicas may differ.
    const [first, ...others] = followers;
    for (const { ids } of others) expect(ids.toSorted()).toEqual(first?.ids.toSorted());
    for (const { events } of followers) {
      for (const { message } of sent) {
        const types = events.filter(({ messageId }) => messageId === message.id).map(({ type }) => type);
        expect(types).toEqual(['ACCEPTED', expect.stringMatching(/^(HANDED_OFF|BOUNCED)$/)]);
      }
    }
    for (const follower of followers) await follower.stop();

    expect(sink.accepted).toBe(MESSAGES - bounced);
    expect([...sink.perRecipient.values()].every((times) => times === 1)).toBe(true);
    expect(sink.mails[0]).toMatchObject({ from: 'bounces@example.com' });
    expect(sink.commands).toContain('STARTTLS');
    expect(sink.commands.some((line) => line.startsWith('AUTH PLAIN '))).toBe(true);

    const status = async (n: number): Promise<unknown> => live.at(apis[1].url).message(sent[n]?.message.id ?? '');
    expect(await status(1)).toMatchObject({ status: 'HANDED_OFF', recipients: [{ smtpCode: 250, attemptCount: 1 }] });
    expect(await status(0)).toMatchObject({ status: 'BOUNCED', recipients: [{ smtpCode: 550, attemptCount: 1 }] });
  }, 60_000);

  it('keep what is sent with a test key in the sandbox', async () => {
    const before = sink.accepted;
    const { message } = await admin.accepted(mailTo('person@example.com'));
    await waitFor(async () => (await admin.message(message.id))?.status === 'DELIVERED');
    expect(await admin.caught(message.id)).toHaveLength(1);
    expect(sink.accepted).toBe(before);
  });

  it('sends one mail to each recipient of a message, the hidden one unseen', async () => {
    const before = sink.accepted;
    await live.accepted(
      mailTo('to@example.com', {
        cc: [{ address: 'cc@example.com' }],
        bcc: [{ address: 'bcc@example.com' }],
        subject: 'To all of you',
        attachments: [
          { filename: 'a.txt', contentType: 'text/plain', source: { base64: Buffer.from('A').toString('base64') } },
        ],
      }),
    );
    await sink.taken(before + 3);
    const mails = sink.mails.slice(before);
    expect(mails.flatMap(({ to }) => to).toSorted()).toEqual(['bcc@example.com', 'cc@example.com', 'to@example.com']);
    for (const { raw } of mails) {
      expect(raw.toString()).toMatch(/^Cc: cc@example\.com\r$/m);
      expect(raw.toString()).not.toContain('bcc@example.com');
    }
    const ids = mails.map(({ raw }) => /^Message-ID: (.*)\r$/im.exec(raw.toString())?.[1]);
    expect(new Set(ids).size).toBe(1);
  });

  it('are ready, each for its role', async () => {
    for (const { url } of apis) expect((await fetch(`${url}/readyz`)).status).toBe(200);
  });
});
