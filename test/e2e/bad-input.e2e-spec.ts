import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SocketFollower, StreamFollower } from '../support/follow.js';
import { mailTo, PosternClient, type Refusal, type TopError } from '../support/postern-client.js';
import { type RunningPostern, startPostern } from '../support/start-postern.js';
import { BAD_INPUTS, BODIES, MISFITS, NUL_DOCUMENTS } from './bad-input-cases.js';

let postern: RunningPostern;
let client: PosternClient;

beforeAll(async () => {
  postern = await startPostern({ env: { POSTERN_MAX_REQUEST_BYTES: String(4 * 1024 * 1024) } });
  client = new PosternClient(postern.url, postern.key);
}, 60_000);

afterAll(async () => {
  await postern.stop();
}, 30_000);

const SEND = `mutation ($input: SendMessageInput!) {
  sendMessage(input: $input) { message { id } userErrors { code message path retryable docsUrl } }
}`;

async function accepted(): Promise<number> {
  const text = await (await fetch(`${postern.url}/metrics`)).text();
  return [...text.matchAll(/^postern_messages_accepted_total\{.*\} (\d+)$/gm)].reduce(
    (sum, [, n]) => sum + Number(n),
    0,
  );
}

async function errorsOf(response: Response): Promise<TopError[]> {
  const { errors } = (await response.json()) as { errors?: TopError[] };
  return errors ?? [];
}

describe('what sendMessage does not take', () => {
  it.each(BAD_INPUTS)('$name', async ({ change, code, path }) => {
    const { sendMessage } = await client.get<{ sendMessage: { message: unknown; userErrors: Refusal[] } }>(SEND, {
      input: mailTo('delivered@postern.test', change),
    });
    expect(sendMessage.message).toBeNull();
    const found = sendMessage.userErrors.map((error) => ({ code: error.code, path: error.path }));
    expect(found).toContainEqual({ code, path });
    for (const { message, retryable } of sendMessage.userErrors) {
      expect(message.length).toBeGreaterThan(5);
      expect(message.length).toBeLessThan(400);
      expect(retryable).toBe(false);
    }
  });

  it('is told all at once', async () => {
    const { userErrors } = await client.send({
      ...mailTo('nobody'),
      from: { address: 'nobody' },
      subject: 'A\nB',
      tags: [''],
    });
    expect(userErrors.map(({ path }) => (path ?? []).join('.')).toSorted()).toEqual([
      'from.address',
      'subject',
      'tags.0',
      'to.0.address',
    ]);
  });

  it('spoils neither its neighbours in a batch, nor is half done in an atomic one', async () => {
    const query = `mutation ($input: SendMessagesInput!) {
      sendMessages(input: $input) { results { index message { id } userErrors { code path } } userErrors { code } }
    }`;
    interface Batch {
      sendMessages: { results: { message: unknown; userErrors: { code: string }[] }[]; userErrors: { code: string }[] };
    }
    const messages = [mailTo('delivered@postern.test'), mailTo('nobody'), mailTo('delivered@postern.test')];
    const codes = ({ sendMessages }: Batch): (string | undefined)[] =>
      sendMessages.results.map(({ message, userErrors }) => (message === null ? userErrors[0]?.code : 'accepted'));
    expect(codes(await client.get<Batch>(query, { input: { messages } }))).toEqual([
      'accepted',
      'INVALID_ADDRESS',
      'accepted',
    ]);
    const before = await accepted();
    const atomic = await client.get<Batch>(query, { input: { messages, atomic: true } });
    expect(codes(atomic)).toEqual(['BATCH_ABORTED', 'INVALID_ADDRESS', 'BATCH_ABORTED']);
    expect(await accepted()).toBe(before);
    const tooMany = await client.get<Batch>(query, {
      input: { messages: Array.from({ length: 501 }, () => messages[0]) },
    });
    expect(tooMany.sendMessages.userErrors).toMatchObject([{ code: 'TOO_MANY' }]);
    const none = await client.get<Batch>(query, { input: { messages: [] } });
    expect(none.sendMessages.userErrors).toMatchObject([{ code: 'REQUIRED' }]);
  });
});

describe('what is no request', () => {
  it.each(MISFITS)('input: $name', async ({ input, told }) => {
    const { status, data, errors } = await client.ask(SEND, { input });
    expect(status).toBeLessThan(500);
    expect(data).toBeFalsy();
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['BAD_REQUEST']);
    expect(errors[0]?.message).toMatch(told);
  });

  it.each(BODIES)('body: $name', async ({ body, type }) => {
    const response = await client.post(body, type === undefined ? {} : { 'content-type': type });
    expect(response.status).toBeLessThan(500);
    const errors = await errorsOf(response);
    expect(['BAD_REQUEST', 'QUERY_TOO_COMPLEX']).toContain(errors[0]?.extensions.code);
    expect(errors[0]?.extensions).toMatchObject({ retryable: false, requestId: expect.any(String) });
  });

  it('a body that is too large is refused with 413, before it is read and before anybody is asked who sends it', async () => {
    // Again and again: a connection that is closed too early loses the answer only now and then.
    for (let n = 0; n < 20; n += 1) {
      const response = await client.post('x'.repeat(5 * 1024 * 1024));
      expect(response.status).toBe(413);
      expect((await errorsOf(response))[0]?.extensions).toMatchObject({ code: 'PAYLOAD_TOO_LARGE', retryable: false });
    }

    const { port, hostname } = new URL(postern.url);
    const socket = connect(Number(port), hostname);
    const answer = new Promise<string>((resolve) => socket.once('data', (chunk) => resolve(chunk.toString())));
    socket.write(
      `POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${2 ** 40}\r\n\r\n{`,
    );
    expect(await answer).toMatch(/^HTTP\/1\.1 413 /);
    socket.destroy();
  });

  it('without a key nothing is told but that', async () => {
    const { data, errors } = await client.at(client.url, 'nobody').ask(SEND, { input: mailTo('nobody') });
    expect(data).toBeFalsy();
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['UNAUTHENTICATED']);
  });

  it('pages, ids and cursors from elsewhere', async () => {
    for (const query of [
      '{ messages(first: 101) { nodes { id } } }',
      '{ messages(first: 0) { nodes { id } } }',
      '{ messages(first: 1, last: 1) { nodes { id } } }',
      '{ messages(after: "nonsense") { nodes { id } } }',
      '{ events(after: "MXwxOjE6fHww") { nodes { id } } }',
      '{ apiKeys(before: "nonsense") { nodes { id } } }',
      '{ sandboxMails(first: 101) { id } }',
      '{ message { id } }',
    ]) {
      const { status, errors } = await client.ask(query);
      expect([query, status < 500, errors[0]?.extensions.code]).toEqual([query, true, 'BAD_REQUEST']);
    }
    expect(await client.get('{ node(id: "nonsense") { id } message(id: "nonsense") { id } }')).toEqual({
      node: null,
      message: null,
    });
  });
});

describe('a NUL character, which the database can neither store nor find', () => {
  const MENDABLE = {
    message: expect.stringMatching(/Remove the NUL character/),
    extensions: { code: 'BAD_REQUEST', retryable: false },
  };

  it.each(NUL_DOCUMENTS)('is refused in %s', async (_where, query) => {
    const { status, errors } = await client.ask(query, { nul: 'a\0' });
    expect(status).toBe(200);
    expect(errors).toMatchObject([MENDABLE]);
    expect(errors[0]?.path).toHaveLength(1);
  });

  it.each([StreamFollower, SocketFollower])('is refused in the filter of a subscription (%p)', async (follower) => {
    const { cursor } = await client.accepted(mailTo('delivered@postern.test'));
    const { errors } = await (await follower.open(client, { after: cursor, filter: { tags: ['a\0'] } })).ended();
    expect(errors).toMatchObject([MENDABLE]);
  });
});

describe('anything', () => {
  it('as input is refused in a typed way or taken, never answered with 5xx', async () => {
    const leaf = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.constant('a@example.com'),
    );
    const mailbox = fc.record({ address: leaf, name: leaf }, { requiredKeys: [] });
    const anything = fc.jsonValue({ maxDepth: 4, stringUnit: 'binary' });
    const input = fc.record(
      {
        from: fc.oneof(mailbox, anything),
        to: fc.oneof(fc.array(mailbox), anything),
        subject: leaf,
        content: fc.oneof(fc.record({ inline: fc.record({ text: leaf, html: leaf }, { requiredKeys: [] }) }), anything),
        headers: fc.array(fc.record({ name: leaf, value: leaf }), { maxLength: 3 }),
        attachments: fc.array(fc.record({ filename: leaf, contentType: leaf, source: fc.record({ base64: leaf }) }), {
          maxLength: 2,
        }),
        idempotencyKey: leaf,
        sendAt: leaf,
        metadata: anything,
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(input, async (value) => {
        const { status, data, errors } = await client.ask<{ sendMessage: { message: unknown; userErrors: unknown[] } }>(
          SEND,
          { input: value },
        );
        expect(status).toBeLessThan(500);
        if (errors.length > 0) expect(errors.every(({ extensions }) => extensions.code === 'BAD_REQUEST')).toBe(true);
        else expect((data?.sendMessage.message === null) === (data?.sendMessage.userErrors.length !== 0)).toBe(true);
      }),
      { numRuns: 300 },
    );
  }, 60_000);

  it('leaves the service well and its log without a fault', async () => {
    expect((await fetch(`${postern.url}/readyz`)).status).toBe(200);
    const faults = postern
      .log()
      .split('\n')
      .filter((line) => line.includes('"level":"error"'));
    expect(faults).toEqual([]);
  });
});
