import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Cluster } from '../support/cluster.js';
import { mailTo, type PosternClient } from '../support/postern-client.js';
import { SmtpSink } from '../support/smtp-sink.js';
import { waitFor } from '../support/wait-for.js';

let silent = true;
let sink: SmtpSink;
let cluster: Cluster;

beforeAll(async () => {
  sink = await SmtpSink.start({ hang: () => silent });
  cluster = await Cluster.create({
    POSTERN_SMTP_URL: `smtp://127.0.0.1:${sink.port}`,
    POSTERN_LEASE_MS: '1000',
  });
}, 60_000);

afterAll(async () => {
  await cluster.end();
  await sink.close();
}, 30_000);

interface Attempts {
  readonly message: { readonly recipients: readonly { readonly attempts: readonly unknown[] }[] };
}

describe('a worker killed in the middle of an attempt', () => {
  it('leaves an attempt that callers can read', async () => {
    const [api, worker] = await cluster.start('api', 'worker');
    const admin = cluster.admin(api.url);
    const live: PosternClient = admin.at(api.url, (await admin.createKey('LIVE')).secret);
    const { message } = await live.accepted(mailTo('person@example.com'));
    await waitFor(() => sink.commands.some((line) => line.startsWith('RCPT')));
    await worker.kill();
    silent = false;
    await cluster.start('worker');
    await sink.taken(1);
    await waitFor(async () => (await live.message(message.id))?.status === 'HANDED_OFF');

    const query = 'query ($id: ID) { message(id: $id) { recipients { attempts { attempt outcome provider } } } }';
    const told = await live.get<Attempts>(query, { id: message.id });
    expect(told.message.recipients[0]?.attempts).toEqual([
      { attempt: 1, outcome: 'LOST', provider: null },
      { attempt: 2, outcome: 'ACCEPTED', provider: 'smtp' },
    ]);
  }, 60_000);
});
