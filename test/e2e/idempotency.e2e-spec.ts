import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Cluster } from '../support/cluster.js';
import { mailTo, PosternClient } from '../support/postern-client.js';
import { SmtpSink } from '../support/smtp-sink.js';
import { waitFor } from '../support/wait-for.js';

let sink: SmtpSink;
let cluster: Cluster;
let one: PosternClient;
let two: PosternClient;

beforeAll(async () => {
  sink = await SmtpSink.start();
  cluster = await Cluster.create({ POSTERN_SMTP_URL: `smtp://127.0.0.1:${sink.port}` });
  const [first, second] = await cluster.start('all', 'api');
  const { secret } = await cluster.admin(first.url).createKey('LIVE');
  one = new PosternClient(first.url, secret);
  two = new PosternClient(second.url, secret);
}, 60_000);

afterAll(async () => {
  await cluster.end();
  await sink.close();
}, 30_000);

const settled = async (id: string): Promise<void> => {
  await waitFor(async () => (await one.message(id))?.status === 'HANDED_OFF');
};

describe('an idempotency key', () => {
  it('makes one mail of many requests to two replicas at the same time', async () => {
    const input = mailTo('once@example.com', { idempotencyKey: 'race-1' });
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? one : two).accepted({ ...input })),
    );
    expect(new Set(answers.map(({ message }) => message.id)).size).toBe(1);
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
    await settled(answers[0]?.message.id ?? '');
    expect(sink.perRecipient.get('once@example.com')).toBe(1);

    const later = await two.accepted(input);
    expect(later).toMatchObject({ replayed: true, message: { id: answers[0]?.message.id, status: 'HANDED_OFF' } });
    const query = 'query ($key: String) { message(idempotencyKey: $key) { id } }';
    expect(await two.get(query, { key: 'race-1' })).toEqual({ message: { id: later.message.id } });
  });

  it('counts the same in the header', async () => {
    const input = mailTo('header@example.com');
    const headers = { 'idempotency-key': 'header-1' };
    const [first, second] = await Promise.all([one.accepted(input, headers), two.accepted(input, headers)]);
    expect(first.message.id).toBe(second.message.id);
    const inInput = await one.accepted({ ...input, idempotencyKey: 'header-1' });
    expect(inInput).toMatchObject({ replayed: true, message: { id: first.message.id } });
    await settled(first.message.id);
    expect(sink.perRecipient.get('header@example.com')).toBe(1);

    const both = await one.send({ ...input, idempotencyKey: 'header-2' }, headers);
    expect(both.userErrors).toMatchObject([{ code: 'INVALID_VALUE', path: ['idempotencyKey'] }]);
  });

  it('belongs to one message: another one under it is refused, on every replica', async () => {
    const input = mailTo('conflict@example.com', { idempotencyKey: 'conflict-1' });
    const { message } = await one.accepted(input);
    for (const change of [{ subject: 'Another' }, { to: [{ address: 'other@example.com' }] }, { lane: 'BULK' }]) {
      const refused = await two.send({ ...input, ...change });
      expect(refused).toMatchObject({
        message: null,
        replayed: false,
        userErrors: [{ code: 'IDEMPOTENCY_CONFLICT', path: ['idempotencyKey'], retryable: false }],
      });
    }
    await settled(message.id);
    expect(sink.perRecipient.get('conflict@example.com')).toBe(1);
    expect(sink.perRecipient.has('other@example.com')).toBe(false);
  });

  it('makes repeating a batch safe, message by message', async () => {
    const query = `mutation ($input: SendMessagesInput!) {
      sendMessages(input: $input) { results { index replayed message { id } userErrors { code } } }
    }`;
    interface Batch {
      sendMessages: { results: { replayed: boolean; message: { id: string } }[] };
    }
    const messages = Array.from({ length: 5 }, (_, n) => mailTo(`batch-${n}@example.com`));
    const headers = { 'idempotency-key': 'batch-1' };
    const [first, second] = await Promise.all(
      [one, two].map((client) => client.get<Batch>(query, { input: { messages } }, headers)),
    );
    const ids = (batch: Batch | undefined): string[] =>
      batch?.sendMessages.results.map(({ message }) => message.id) ?? [];
    expect(ids(first)).toEqual(ids(second));
    expect(new Set(ids(first)).size).toBe(5);
    for (const id of ids(first)) await settled(id);
    for (let n = 0; n < 5; n += 1) expect(sink.perRecipient.get(`batch-${n}@example.com`)).toBe(1);
  });
});
