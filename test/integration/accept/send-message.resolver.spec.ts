import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { configSchema } from '../../../src/config/config.js';
import { decodeId, encodeRecipientId } from '../../../src/domain/opaque-id.js';
import type { Principal } from '../../../src/domain/principal.js';
import type { GraphqlContext } from '../../../src/graphql/request-context.js';
import { MessageLoaders } from '../../../src/messages/message-loaders.js';
import { ChangeMessageResolver } from '../../../src/sending/accept/change-message.resolver.js';
import { MessageReader } from '../../../src/sending/accept/message-reader.js';
import type { SendMessageInput } from '../../../src/sending/accept/send-message.input.js';
import { SendMessageResolver } from '../../../src/sending/accept/send-message.resolver.js';
import { contextFor } from '../../support/graphql-context.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { newPrincipal, openRig, type Rig, rowsOf } from './rig.js';

const input = (more: Partial<SendMessageInput> = {}): SendMessageInput => ({
  from: { address: 'ada@example.com' },
  to: [{ address: 'bob@example.net' }],
  subject: 'Hello',
  content: { inline: { text: 'Hello' } },
  ...more,
});

describe('the mutations', () => {
  let database: TestDatabase;
  let rig: Rig;
  let principal: Principal;
  let context: GraphqlContext;
  let loaders: MessageLoaders;
  let reader: MessageReader;
  let sending: SendMessageResolver;
  let changing: ChangeMessageResolver;

  beforeAll(async () => {
    database = await createTestDatabase();
    rig = openRig(database.url);
    loaders = new MessageLoaders(rig.pools, rig.messages, rig.contents);
    const config = configSchema.parse({ maxBatch: 3 });
    reader = new MessageReader(rig.messages, config);
    sending = new SendMessageResolver(reader, rig.acceptor, rig.batches, loaders, config);
    changing = new ChangeMessageResolver(rig.pending, loaders);
  });
  beforeEach(async () => {
    principal = await newPrincipal(rig);
    context = contextFor(principal);
  });
  afterAll(async () => {
    await rig.pools.close();
    await database.drop();
  });

  const contextWith = (idempotencyKey: string): GraphqlContext => contextFor(principal, { idempotencyKey });

  it('replays a request whose times have passed meanwhile, and refuses a new one', async () => {
    const soon = new Date(Date.now() + 60_000);
    const timed = input({ idempotencyKey: 'timed', sendAt: soon, expiresAt: new Date(soon.getTime() + 60_000) });
    const first = await sending.sendMessage(principal, context, timed);
    const nextDay = new Date(Date.now() + 86_400_000);
    const again = await reader.read(principal, timed, undefined, nextDay);
    const replayed = 'draft' in again ? await rig.acceptor.accept(principal, again.draft) : undefined;
    expect(replayed).toMatchObject({ kind: 'replayed', message: { id: decodeId('msg', first.message?.id ?? '') } });
    const other = Object.assign(timed, { idempotencyKey: 'other' });
    const unknown = await reader.read(principal, other, undefined, nextDay);
    expect(unknown).toMatchObject({ errors: [{ code: 'INVALID_TIME' }, { code: 'INVALID_TIME' }] });
  });

  it('answers with the message, whose recipients need not be read', async () => {
    const attachments = [{ filename: 'a.txt', source: { base64: 'YQ==' } }];
    const payload = await sending.sendMessage(principal, context, input({ attachments }));
    expect(payload).toMatchObject({ replayed: false, userErrors: [], message: { subject: 'Hello', sizeBytes: 6 } });
    expect(payload.cursor).toEqual(expect.any(String));
    const query = jest.spyOn(rig.pools.main, 'query');
    const recipients = await loaders.recipients(context).load(payload.message?.uuid ?? '');
    expect(recipients).toMatchObject([{ address: 'bob@example.net' }]);
    expect(query).not.toHaveBeenCalled();
    query.mockRestore();
  });

  it('names what is wrong by its path', async () => {
    const bad = input({
      to: [{ address: 'bob@example.net, eve@evil.example' }],
      content: { inline: {} },
      attachments: [{ filename: 'a', source: { base64: '!' } }],
    });
    const { message, userErrors } = await sending.sendMessage(principal, context, bad);
    expect(message).toBeNull();
    expect(userErrors.map(({ code, path }) => [code, path?.join('.')])).toEqual([
      ['INVALID_ADDRESS', 'to.0.address'],
      ['REQUIRED', 'content.inline'],
      ['INVALID_ATTACHMENT', 'attachments.0.source.base64'],
    ]);
    expect(await rowsOf(rig, principal.tenantId)).toMatchObject({ message: 0 });
  });

  it('takes the key from the field or the header, and not two different ones', async () => {
    const first = await sending.sendMessage(principal, contextWith('k'), input());
    const second = await sending.sendMessage(principal, context, input({ idempotencyKey: 'k' }));
    const both = await sending.sendMessage(principal, contextWith('k'), input({ idempotencyKey: 'k' }));
    expect([second.replayed, both.replayed]).toEqual([true, true]);
    expect(second.message?.id).toBe(first.message?.id);
    const torn = await sending.sendMessage(principal, contextWith('k'), input({ idempotencyKey: 'l' }));
    expect(torn.userErrors).toMatchObject([{ code: 'INVALID_VALUE', path: ['idempotencyKey'] }]);
  });

  it('answers a batch by index, with one cursor', async () => {
    const messages = [input(), input({ subject: '' }), input({ idempotencyKey: 'own' })];
    const payload = await sending.sendMessages(principal, contextWith('batch'), { messages });
    expect(payload).toMatchObject({
      userErrors: [],
      results: [
        { index: 0, message: { idempotencyKey: 'batch/0' } },
        { index: 1, message: null, userErrors: [{ code: 'REQUIRED', path: ['subject'] }] },
        { index: 2, message: { idempotencyKey: 'own' } },
      ],
    });
    expect(payload.cursor).toEqual(expect.any(String));
    const atomic = await sending.sendMessages(principal, context, { messages, atomic: true });
    expect(atomic.results.map((result) => result.userErrors[0]?.code)).toEqual([
      'BATCH_ABORTED',
      'REQUIRED',
      'BATCH_ABORTED',
    ]);
    expect(atomic.cursor).toBeNull();
  });

  it('limits the size of a batch', async () => {
    const four = await sending.sendMessages(principal, context, {
      messages: Array(4).fill(input()) as SendMessageInput[],
    });
    expect(four).toMatchObject({ results: [], userErrors: [{ code: 'TOO_MANY', path: ['messages'] }] });
    const none = await sending.sendMessages(principal, context, { messages: [] });
    expect(none).toMatchObject({ results: [], userErrors: [{ code: 'REQUIRED' }] });
  });

  it('answers changes with the message as it is then', async () => {
    const { message } = await sending.sendMessage(principal, context, input({ hold: true }));
    const id = message?.id ?? '';
    const uuid = decodeId('msg', id) ?? '';
    expect(await changing.releaseMessage(principal, context, { id })).toMatchObject({
      message: { id },
      userErrors: [],
    });
    expect(await loaders.recipients(context).load(uuid)).toMatchObject([{ status: 1 }]);
    const sendAt = new Date(Date.now() + 60_000);
    const moved = await changing.rescheduleMessage(principal, context, { id, sendAt });
    expect(moved).toMatchObject({ message: { sendAt }, cursor: expect.any(String) as unknown });
    expect(await changing.cancelMessage(principal, context, { id })).toMatchObject({ message: { id } });
    expect(await changing.cancelMessage(principal, context, { id })).toMatchObject({
      message: null,
      userErrors: [{ code: 'NOT_CANCELLABLE', path: ['id'] }],
    });
    const doubt = { recipientId: encodeRecipientId(uuid, 0), resolution: 'RESEND' as const };
    expect(await changing.resolveInDoubt(principal, context, doubt)).toMatchObject({
      userErrors: [{ code: 'NOT_IN_DOUBT' }],
    });
    expect(await changing.cancelMessage(principal, context, { id: 'msg_x' })).toMatchObject({
      userErrors: [{ code: 'NOT_FOUND', path: ['id'] }],
    });
  });
});
