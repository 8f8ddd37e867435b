import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { MessageInput } from '../../../src/domain/check-message.js';
import { encodeId } from '../../../src/domain/opaque-id.js';
import type { Principal } from '../../../src/domain/principal.js';
import { type RecipientStatus, statusCode } from '../../../src/domain/recipient-status.js';
import type { PageArgs } from '../../../src/graphql/page.args.js';
import type { GraphqlContext } from '../../../src/graphql/request-context.js';
import { AttachmentResolver } from '../../../src/messages/attachment.resolver.js';
import { MessageContentResolver } from '../../../src/messages/message-content.resolver.js';
import type { MessageFilterInput } from '../../../src/messages/message-filter.input.js';
import { MessageList } from '../../../src/messages/message-list.js';
import { MessageLoaders } from '../../../src/messages/message-loaders.js';
import { MessageResolver } from '../../../src/messages/message.resolver.js';
import type { MessageType } from '../../../src/messages/message.type.js';
import { RecipientResolver } from '../../../src/messages/recipient.resolver.js';
import { draft, idOf, newPrincipal, openRig, type Rig } from '../accept/rig.js';
import { contextFor } from '../../support/graphql-context.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';

describe('messages', () => {
  let database: TestDatabase;
  let rig: Rig;
  let principal: Principal;
  let lists: MessageList;
  let loaders: MessageLoaders;
  let resolver: MessageResolver;

  beforeAll(async () => {
    database = await createTestDatabase();
    rig = openRig(database.url);
    lists = new MessageList(rig.messages);
    loaders = new MessageLoaders(rig.pools, rig.messages, rig.contents);
    resolver = new MessageResolver(rig.messages, loaders, lists);
  });
  beforeEach(async () => {
    principal = await newPrincipal(rig);
  });
  afterAll(async () => {
    await rig.pools.close();
    await database.drop();
  });

  const accept = async (input: Partial<MessageInput> = {}): Promise<string> =>
    idOf(await rig.acceptor.accept(principal, draft(input)));
  const ownContext = (): GraphqlContext => contextFor(principal);
  const list = async (filter: MessageFilterInput, args: PageArgs = {}): Promise<string[]> =>
    (await lists.page(principal.tenantId, filter, args)).nodes.map((node) => node.uuid);
  const messageOf = async (id: string, context = ownContext()): Promise<MessageType> => {
    const message = await resolver.message(principal, context, encodeId('msg', id));
    if (message === null) throw new Error('not found');
    return message;
  };
  const setRecipient = (id: string, status: RecipientStatus): Promise<unknown> =>
    rig.pools.main.query('update recipient set status = $3 where tenant_id = $1 and message_id = $2 and n = 0', [
      principal.tenantId,
      id,
      statusCode(status),
    ]);
  const lease = (id: string, end: string): Promise<unknown> =>
    rig.pools.main.query(
      'update send_job set lease = $3, run_at = now() + $4::interval where tenant_id = $1 and message_id = $2',
      [principal.tenantId, id, randomUUID(), end],
    );

  describe('the list', () => {
    it('pages both ways, newest first, without gap or repeat', async () => {
      const newestFirst: string[] = [];
      for (let i = 0; i < 7; i += 1) newestFirst.unshift(await accept({ subject: `${i}` }));

      const seen: string[] = [];
      let after: string | null = null;
      for (let page = 0; page < 3; page += 1) {
        const { nodes, pageInfo } = await lists.page(principal.tenantId, {}, { first: 3, after });
        seen.push(...nodes.map((node) => node.uuid));
        expect(pageInfo.hasNextPage).toBe(page < 2);
        expect(pageInfo.hasPreviousPage).toBe(page > 0);
        after = pageInfo.endCursor;
      }
      expect(seen).toEqual(newestFirst);

      const last = await lists.page(principal.tenantId, {}, { last: 3 });
      expect(last.nodes.map((node) => node.uuid)).toEqual(newestFirst.slice(4));
      const before = await lists.page(principal.tenantId, {}, { last: 3, before: last.pageInfo.startCursor });
      expect(before.nodes.map((node) => node.uuid)).toEqual(newestFirst.slice(1, 4));
      expect(before.pageInfo).toMatchObject({ hasPreviousPage: true, hasNextPage: true });
      await expect(lists.page(principal.tenantId, {}, { after: 'bm8' })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    });

    it('filters by lane, tag, recipient, time and all of them together', async () => {
      const plain = await accept();
      const otp = await accept({ lane: 'OTP', tags: ['login', 'x'] });
      const copied = await accept({ cc: [{ address: 'Cy@BÜCHER.example' }], tags: ['login'] });
      expect(await list({})).toEqual([copied, otp, plain]);
      expect(await list({ lane: 'OTP' })).toEqual([otp]);
      expect(await list({ tag: 'login' })).toEqual([copied, otp]);
      expect(await list({ tag: 'login', lane: 'OTP' })).toEqual([otp]);
      expect(await list({ recipient: 'Cy@bücher.example' })).toEqual([copied]);
      expect(await list({ recipient: 'bob@example.net' })).toEqual([copied, otp, plain]);
      const [row] = await rig.messages.byIds(principal.tenantId, [otp]);
      const [next] = await rig.messages.byIds(principal.tenantId, [copied]);
      const window = { acceptedAfter: row?.acceptedAt ?? null, acceptedBefore: next?.acceptedAt ?? null };
      expect(await list({ acceptedAfter: window.acceptedAfter })).toContain(otp);
      expect(await list({ acceptedBefore: window.acceptedBefore })).not.toContain(copied);
      expect(await list({ acceptedAfter: new Date(Date.now() + 60_000) })).toEqual([]);
      await expect(lists.page(principal.tenantId, { recipient: 'nobody' }, {})).rejects.toMatchObject({
        code: 'BAD_REQUEST',
      });
    });

    it('filters by the present status, also while it is being sent', async () => {
      const queued = await accept();
      const sending = await accept();
      const overdue = await accept();
      const delivered = await accept();
      await lease(sending, '1 minute');
      await lease(overdue, '-1 minute');
      await setRecipient(delivered, 'DELIVERED');
      expect(await list({ status: 'QUEUED' })).toEqual([overdue, queued]);
      expect(await list({ status: 'SENDING' })).toEqual([sending]);
      expect(await list({ status: 'DELIVERED' })).toEqual([delivered]);
      expect(await list({ status: 'BOUNCED' })).toEqual([]);
      expect(await resolver.status(await messageOf(sending), ownContext())).toBe('SENDING');
    });

    it('shows nothing of another tenant', async () => {
      const id = await accept({ tags: ['t'], idempotencyKey: 'mine' });
      const stranger = await newPrincipal(rig);
      const context = contextFor(stranger);
      for (const filter of [{}, { tag: 't' }, { recipient: 'bob@example.net' }, { status: 'QUEUED' as const }]) {
        expect((await lists.page(stranger.tenantId, filter, {})).nodes).toEqual([]);
      }
      expect(await resolver.message(stranger, context, encodeId('msg', id))).toBeNull();
      expect(await resolver.message(stranger, context, null, 'mine')).toBeNull();
      expect(await resolver.nodes(context, [encodeId('msg', id)])).toEqual([null]);
      expect(await loaders.recipients(context).load(id)).toBeUndefined();
      expect(await loaders.contents(context).load(id)).toBeUndefined();
      expect(await loaders.attachments(context).load(id)).toBeUndefined();
      expect(await loaders.attempts(context).load(id)).toBeUndefined();
    });
  });

  it('finds a message by id, by key and as a node', async () => {
    const id = await accept({ idempotencyKey: 'order-1', metadata: [{ key: 'a', value: '1' }] });
    const found = { uuid: id, idempotencyKey: 'order-1', metadata: [{ key: 'a', value: '1' }], lane: 'TRANSACTIONAL' };
    expect(await messageOf(id)).toMatchObject(found);
    expect(await resolver.message(principal, ownContext(), null, 'order-1')).toMatchObject(found);
    expect(await resolver.node(ownContext(), encodeId('msg', id))).toMatchObject(found);
    expect(await resolver.node(ownContext(), 'nonsense')).toBeNull();
    const ids = [encodeId('msg', randomUUID()), encodeId('msg', id), 'key_1'];
    expect(await resolver.nodes(ownContext(), ids)).toMatchObject([null, found, null]);
    await expect(resolver.message(principal, ownContext())).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    await expect(resolver.nodes(ownContext(), Array<string>(101).fill('x'))).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    });
  });

  it('reads the recipients, attempts and contents of a page in one statement each', async () => {
    for (let i = 0; i < 10; i += 1) await accept({ subject: `${i}`, cc: [{ address: `cc${i}@example.net` }] });
    const { nodes } = await lists.page(principal.tenantId, {}, {});
    await rig.pools.main.query(
      `insert into attempt(tenant_id, message_id, n, attempt, outcome, provider, started_at, finished_at)
       values ($1, $2, 1, 1, 'DEFERRED', 'relay', now(), now())`,
      [principal.tenantId, nodes[0]?.uuid],
    );
    const context = ownContext();
    const recipients = new RecipientResolver(loaders);
    const contents = new MessageContentResolver(loaders);
    const query = jest.spyOn(rig.pools.main, 'query');
    try {
      const read = await Promise.all(
        nodes.map(async (message) => {
          const [status, own, content] = await Promise.all([
            resolver.status(message, context),
            resolver.recipients(message, context),
            contents.content(message, context),
          ]);
          const attempts = await Promise.all(own.map((recipient) => recipients.attempts(recipient, context)));
          return { status, own, content, attempts };
        }),
      );
      expect(read).toHaveLength(10);
      expect(read[0]).toMatchObject({
        status: 'QUEUED',
        own: [
          { kind: 'TO', n: 0 },
          { kind: 'CC', address: 'cc9@example.net' },
        ],
        content: { text: 'Hello Bob' },
        attempts: [[], [{ attempt: 1, outcome: 'DEFERRED', provider: 'relay' }]],
      });
      expect(query).toHaveBeenCalledTimes(3);
    } finally {
      query.mockRestore();
    }
  });

  it('tells when the next attempt is due, unless one is under way', async () => {
    const sendAt = new Date(Date.now() + 3_600_000);
    const id = await accept({ sendAt });
    const [waiting] = await resolver.recipients(await messageOf(id), ownContext());
    expect(waiting).toMatchObject({ status: 'SCHEDULED', nextAttemptAt: sendAt });
    await lease(id, '1 minute');
    const [sending] = await resolver.recipients(await messageOf(id), ownContext());
    expect(sending).toMatchObject({ status: 'SENDING', nextAttemptAt: null });
  });

  it('shows the content to who may read, as long as it is kept', async () => {
    const bytes = Buffer.from([1, 2, 3]);
    const id = await accept({
      content: { html: '<p>x</p>' },
      replyTo: [{ address: 'desk@example.com', name: 'Desk' }],
      headers: [{ name: 'X-Order', value: '17' }],
      attachments: [
        { filename: 'a.bin', base64: bytes.toString('base64'), contentType: 'image/png', contentId: 'a@b' },
      ],
    });
    const contents = new MessageContentResolver(loaders);
    const message = await messageOf(id);
    const content = await contents.content(message, ownContext());
    expect(content).toMatchObject({
      text: null,
      html: '<p>x</p>',
      replyTo: [{ address: 'desk@example.com', name: 'Desk' }],
      headers: [{ name: 'X-Order', value: '17' }],
      attachments: [{ filename: 'a.bin', contentType: 'image/png', contentId: 'a@b', size: 3 }],
    });
    const [file] = content?.attachments ?? [];
    if (file === undefined) throw new Error('no attachment');
    expect(await new AttachmentResolver(loaders).base64(file, ownContext())).toBe(bytes.toString('base64'));

    const sender: Principal = { ...principal, scopes: ['SEND'] };
    await expect(contents.content(message, contextFor(sender))).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
    const context = ownContext();
    const large = Object.assign(message, { sizeBytes: 40 * 1024 * 1024 });
    await contents.content(large, context);
    await expect(contents.content(large, context)).rejects.toMatchObject({ code: 'QUERY_TOO_COMPLEX' });
    await rig.pools.main.query('delete from message_content where tenant_id = $1', [principal.tenantId]);
    expect(await contents.content(message, ownContext())).toBeNull();
  });
});
