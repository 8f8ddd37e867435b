import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SocketFollower } from '../support/follow.js';
import { mailTo, PosternClient, type SentMessage } from '../support/postern-client.js';
import { type RunningPostern, startPostern } from '../support/start-postern.js';
import { waitFor } from '../support/wait-for.js';

let postern: RunningPostern;
let client: PosternClient;

beforeAll(async () => {
  postern = await startPostern();
  client = new PosternClient(postern.url, postern.key);
}, 60_000);

afterAll(async () => {
  await postern.stop();
}, 30_000);

const inSeconds = (seconds: number): string => new Date(Date.now() + seconds * 1000).toISOString();

/** Follows a message until every recipient is settled, and tells its events. */
async function story({ id }: SentMessage): Promise<string[]> {
  const follower = await SocketFollower.open(client, { id });
  await waitFor(() => follower.complete, { timeoutMs: 15_000 });
  await follower.stop();
  return follower.types;
}

async function untilStatus({ id }: SentMessage, status: string): Promise<SentMessage> {
  return waitFor(async () => {
    const message = await client.message(id);
    return message?.status === status ? message : undefined;
  });
}

describe('a scheduled message', () => {
  it('is cancelled, once, and never sent', async () => {
    const { message } = await client.accepted(mailTo('delivered@postern.test', { sendAt: inSeconds(3600) }));
    expect(message.status).toBe('SCHEDULED');
    const cancelled = await client.change('cancelMessage', { id: message.id });
    expect(cancelled).toMatchObject({ message: { id: message.id, status: 'CANCELLED' }, userErrors: [] });
    const follower = await SocketFollower.open(client, { after: cancelled.cursor ?? '' });
    await follower.count(1);
    expect(follower.events[0]).toMatchObject({ type: 'CANCELLED', status: 'CANCELLED', messageId: message.id });
    await follower.stop();

    const again = await client.change('cancelMessage', { id: message.id });
    expect(again).toMatchObject({ message: null, userErrors: [{ code: 'NOT_CANCELLABLE', path: ['id'] }] });
    expect(await story(message)).toEqual(['ACCEPTED', 'CANCELLED']);
    expect(await client.caught(message.id)).toEqual([]);
  });

  it('is sent when its time comes, not before', async () => {
    const sendAt = inSeconds(2);
    const { message } = await client.accepted(mailTo('delivered@postern.test', { sendAt }));
    expect(message.status).toBe('SCHEDULED');
    expect(await story(message)).toEqual(['ACCEPTED', 'HANDED_OFF', 'DELIVERED']);
    const query = 'query ($id: ID) { message(id: $id) { recipients { attempts { startedAt } } } }';
    interface Attempts {
      message: { recipients: { attempts: { startedAt: string }[] }[] };
    }
    const { message: seen } = await client.get<Attempts>(query, { id: message.id });
    const startedAt = seen.recipients[0]?.attempts[0]?.startedAt ?? '';
    expect(Date.parse(startedAt)).toBeGreaterThanOrEqual(Date.parse(sendAt));
  });

  it('is given another time, and sent at once when that is now', async () => {
    const { message } = await client.accepted(mailTo('delivered@postern.test', { sendAt: inSeconds(3600) }));
    const later = await client.change('rescheduleMessage', { id: message.id, sendAt: inSeconds(7200) });
    expect(later).toMatchObject({ message: { status: 'SCHEDULED' }, userErrors: [] });
    const never = await client.change('rescheduleMessage', { id: message.id, sendAt: inSeconds(400 * 86_400) });
    expect(never.userErrors).toMatchObject([{ code: 'INVALID_TIME', path: ['sendAt'] }]);
    const now = await client.change('rescheduleMessage', { id: message.id, sendAt: inSeconds(0) });
    expect(now.userErrors).toEqual([]);
    expect(await story(message)).toEqual(['ACCEPTED', 'RESCHEDULED', 'RESCHEDULED', 'HANDED_OFF', 'DELIVERED']);
    const late = await client.change('rescheduleMessage', { id: message.id, sendAt: inSeconds(60) });
    expect(late.userErrors).toMatchObject([{ code: 'NOT_RESCHEDULABLE', path: ['id'] }]);
  });

  it('expires instead of being tried for ever', async () => {
    const { message } = await client.accepted(mailTo('deferred@postern.test', { expiresAt: inSeconds(3) }));
    expect(await story(message)).toEqual(['ACCEPTED', 'DEFERRED', 'EXPIRED']);
    expect(await client.message(message.id)).toMatchObject({ status: 'EXPIRED' });
  });
});

describe('a held message', () => {
  it('waits for its release, whatever else happens', async () => {
    const { message } = await client.accepted(mailTo('delivered@postern.test', { hold: true }));
    expect(message.status).toBe('HELD');
    const moved = await client.change('rescheduleMessage', { id: message.id, sendAt: inSeconds(60) });
    expect(moved.userErrors).toMatchObject([{ code: 'NOT_RESCHEDULABLE' }]);
    expect((await client.change('releaseMessage', { id: message.id })).userErrors).toEqual([]);
    expect(await story(message)).toEqual(['ACCEPTED', 'RELEASED', 'HANDED_OFF', 'DELIVERED']);
    const again = await client.change('releaseMessage', { id: message.id });
    expect(again.userErrors).toMatchObject([{ code: 'NOT_HELD', path: ['id'] }]);
  });

  it('can be cancelled', async () => {
    const { message } = await client.accepted(mailTo('delivered@postern.test', { hold: true }));
    expect((await client.change('cancelMessage', { id: message.id })).message?.status).toBe('CANCELLED');
  });
});

describe('a message in doubt', () => {
  const doubtful = async (): Promise<SentMessage> => {
    const { message } = await client.accepted(mailTo('in-doubt@postern.test', { inDoubt: 'HOLD' }));
    return untilStatus(message, 'IN_DOUBT');
  };

  it.each([
    ['HANDED_OFF', 'HANDED_OFF'],
    ['FAILED', 'FAILED'],
  ])('is settled as %s by whoever knows', async (resolution, status) => {
    const message = await doubtful();
    const recipientId = message.recipients[0]?.id;
    const resolved = await client.change('resolveInDoubt', { recipientId, resolution });
    expect(resolved).toMatchObject({ message: { status }, userErrors: [] });
    expect((await story(message)).slice(0, 3)).toEqual(['ACCEPTED', 'IN_DOUBT', 'RESOLVED']);
    const again = await client.change('resolveInDoubt', { recipientId, resolution });
    expect(again.userErrors).toMatchObject([{ code: 'NOT_IN_DOUBT', path: ['recipientId'] }]);
    expect(await client.caught(message.id)).toHaveLength(1);
  });

  it('is sent again with the same Message-ID', async () => {
    const message = await doubtful();
    const recipientId = message.recipients[0]?.id;
    const resolved = await client.change('resolveInDoubt', { recipientId, resolution: 'RESEND' });
    expect(resolved.userErrors).toEqual([]);
    expect(await story(message)).toEqual(['ACCEPTED', 'IN_DOUBT', 'RESOLVED', 'HANDED_OFF', 'DELIVERED']);
    const mails = await client.caught(message.id);
    const ids = mails.map(({ raw }) => /^Message-ID: (.*)$/im.exec(raw)?.[1]);
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
  });
});

describe('changes', () => {
  it('of what is not there, or not one’s own to change, are refused', async () => {
    const id = 'msg_00000000000070008000000000000000';
    for (const [mutation, input, path] of [
      ['cancelMessage', { id }, 'id'],
      ['releaseMessage', { id: 'nonsense' }, 'id'],
      ['rescheduleMessage', { id, sendAt: inSeconds(60) }, 'id'],
      ['resolveInDoubt', { recipientId: 'nonsense', resolution: 'FAILED' }, 'recipientId'],
    ] as const) {
      const { userErrors } = await client.change(mutation, input);
      expect([mutation, userErrors]).toMatchObject([mutation, [{ code: 'NOT_FOUND', path: [path] }]]);
    }
  });

  it('need the scope SEND', async () => {
    const { secret } = await client.createKey('TEST', ['READ']);
    const reader = client.at(client.url, secret);
    const { data, errors } = await reader.ask('mutation ($id: ID!) { cancelMessage(input: { id: $id }) { cursor } }', {
      id: 'msg_00000000000070008000000000000000',
    });
    expect(data).toBeFalsy();
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN']);
  });
});
