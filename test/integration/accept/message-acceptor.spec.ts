import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Principal } from '../../../src/domain/principal.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import type { MessageAcceptor } from '../../../src/sending/accept/message-acceptor.js';
import { startCuttingProxy } from './cutting-proxy.js';
import { codesOf, draft, idOf, newPrincipal, openRig, type Rig, rowsOf } from './rig.js';

const ONE = {
  idempotency_key: 1,
  message: 1,
  message_content: 1,
  message_attachment: 0,
  recipient: 1,
  send_job: 1,
  delivery_event: 1,
};

describe('MessageAcceptor', () => {
  let database: TestDatabase;
  let rig: Rig;
  let other: Rig;
  let principal: Principal;

  beforeAll(async () => {
    database = await createTestDatabase();
    rig = openRig(database.url);
    other = openRig(database.url);
  });
  beforeEach(async () => {
    principal = await newPrincipal(rig);
    rig.published.length = 0;
  });
  afterAll(async () => {
    await Promise.all([rig.pools.close(), other.pools.close()]);
    await database.drop();
  });

  const columns = async (table: string, order = '1'): Promise<Record<string, unknown>[]> => {
    const where = 'where tenant_id = $1';
    const { rows } = await rig.pools.main.query<Record<string, unknown>>(
      `select * from ${table} ${where} order by ${order}`,
      [principal.tenantId],
    );
    return rows;
  };

  it('writes the message, its content, recipients, jobs and first events', async () => {
    const sendable = draft({
      to: [{ address: 'bob@example.net', name: 'Bob "The \\ Builder"' }],
      cc: [{ address: 'cy@example.net' }],
      bcc: [{ address: 'dee@example.org' }],
      content: { text: 'Grüße {"a","b"} \\ NULL', html: '<p>Grüße</p>' },
      subject: 'a "quoted", {braced} \\ subject',
      tags: ['receipt', 'a.b:c'],
      metadata: [{ key: 'order', value: '"17"' }],
      attachments: [
        { filename: 'a.bin', base64: Buffer.from([0, 1, 2, 255]).toString('base64') },
        { filename: 'empty.txt', base64: '' },
      ],
      lane: 'OTP',
    });
    const acceptance = await rig.acceptor.accept(principal, sendable);
    expect(acceptance).toMatchObject({ kind: 'accepted', recipients: [{ n: 0 }, { n: 1 }, { n: 2 }] });

    const [message] = await columns('message');
    expect(message).toMatchObject({
      id: idOf(acceptance),
      lane: 0,
      sandbox: true,
      subject: 'a "quoted", {braced} \\ subject',
      tags: ['receipt', 'a.b:c'],
      metadata: { order: '"17"' },
      recipient_count: 3,
      message_id_header: `${idOf(acceptance)}@example.com`,
    });
    expect(acceptance).toMatchObject({ message: { acceptedAt: message?.['accepted_at'] } });
    expect(await columns('message_content')).toMatchObject([
      { text_body: 'Grüße {"a","b"} \\ NULL', html_body: '<p>Grüße</p>' },
    ]);
    const files = await columns('message_attachment', 'n');
    expect(files.map((file) => [...(file['content'] as Buffer)])).toEqual([[0, 1, 2, 255], []]);
    expect(await columns('recipient', 'n')).toMatchObject([
      { n: 0, kind: 0, address: 'bob@example.net', name: 'Bob "The \\ Builder"', domain: 'example.net', status: 1 },
      { n: 1, kind: 1, address: 'cy@example.net', name: null, status: 1 },
      { n: 2, kind: 2, address: 'dee@example.org', domain: 'example.org', status: 1 },
    ]);
    const jobs = await columns('send_job', 'n');
    expect(jobs).toHaveLength(3);
    expect(jobs[2]).toMatchObject({
      lane: 0,
      lease: null,
      attempt: 0,
      domain: 'example.org',
      expires_at: sendable.expiresAt,
    });
    expect(await columns('delivery_event', 'id')).toMatchObject(
      [0, 1, 2].map((n) => ({ n, type: 0, data: { status: 'QUEUED' } })),
    );
    expect(rig.published).toEqual(['jobs:OTP', 'events']);
  });

  it('gives a cursor from which a reader sees the events just written', async () => {
    const acceptance = await rig.acceptor.accept(principal, draft());
    if (acceptance.kind === 'refused') throw new Error('refused');
    const { rows } = await rig.pools.main.query<{ seen: boolean }>(
      'select pg_visible_in_snapshot(tx, $2::pg_snapshot) as seen from delivery_event where tenant_id = $1',
      [principal.tenantId, acceptance.cursor.base],
    );
    expect(rows).toEqual([{ seen: false }]);
  });

  it('keeps what is scheduled for its time and what is held out of the queue', async () => {
    const sendAt = new Date(Date.now() + 3_600_000);
    await rig.acceptor.accept(principal, draft({ sendAt }));
    expect(await columns('send_job')).toMatchObject([{ run_at: sendAt }]);
    expect(await columns('recipient')).toMatchObject([{ status: 0 }]);
    expect(rig.published).toEqual(['events']);

    principal = await newPrincipal(rig);
    await rig.acceptor.accept(principal, draft({ hold: true }));
    expect(await columns('send_job')).toEqual([]);
    expect(await columns('recipient')).toMatchObject([{ status: 4 }]);
    expect(await columns('delivery_event')).toMatchObject([{ data: { status: 'HELD' } }]);
  });

  it('accepts 200 concurrent requests with one key exactly once, through two processes', async () => {
    const sendable = draft({ idempotencyKey: 'order-17' });
    const acceptances = await Promise.all(
      Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? rig : other).acceptor.accept(principal, sendable)),
    );
    expect(new Set(acceptances.map(idOf)).size).toBe(1);
    expect(acceptances.filter((one) => one.kind === 'accepted')).toHaveLength(1);
    expect(acceptances.filter((one) => one.kind === 'replayed')).toHaveLength(199);
    expect(await rowsOf(rig, principal.tenantId)).toEqual(ONE);
  });

  it('accepts every one of many different messages once, whatever they wait with', async () => {
    const acceptances = await Promise.all(
      Array.from({ length: 600 }, (_, i) =>
        (i % 2 === 0 ? rig : other).acceptor.accept(
          principal,
          draft({ idempotencyKey: i % 3 === 0 ? `key-${i}` : undefined, subject: `${i}` }),
        ),
      ),
    );
    expect(new Set(acceptances.map(idOf)).size).toBe(600);
    expect(await rowsOf(rig, principal.tenantId)).toMatchObject({
      message: 600,
      idempotency_key: 200,
      delivery_event: 600,
    });
  });

  it('replays the first message with a cursor before its events', async () => {
    const sendable = draft({ idempotencyKey: 'again', metadata: [{ key: 'a', value: 'b' }], tags: ['t'] });
    const first = await rig.acceptor.accept(principal, sendable);
    const second = await other.acceptor.accept(principal, sendable);
    expect(second).toMatchObject({ kind: 'replayed' });
    if (first.kind !== 'accepted' || second.kind !== 'replayed') throw new Error('unexpected');
    // What was built without reading is what is read.
    expect(second.message).toEqual(first.message);
    expect(await rig.messages.recipients(principal.tenantId, [first.message.id])).toEqual(first.recipients);
    const { rows } = await rig.pools.main.query<{ seen: boolean }>(
      'select pg_visible_in_snapshot(tx, $2::pg_snapshot) as seen from delivery_event where tenant_id = $1',
      [principal.tenantId, second.cursor.base],
    );
    expect(rows).toEqual([{ seen: false }]);
  });

  it('refuses a key that stands for another message, also one sent with a key of the other mode', async () => {
    await rig.acceptor.accept(principal, draft({ idempotencyKey: 'k' }));
    const conflict = await rig.acceptor.accept(principal, draft({ idempotencyKey: 'k', subject: 'Other' }));
    expect(conflict).toMatchObject({
      kind: 'refused',
      errors: [{ code: 'IDEMPOTENCY_CONFLICT', path: ['idempotencyKey'] }],
    });
    const live = await rig.acceptor.accept({ ...principal, mode: 'LIVE' }, draft({ idempotencyKey: 'k' }));
    expect(codesOf(live)).toEqual(['IDEMPOTENCY_CONFLICT']);
    const stranger = await newPrincipal(rig);
    expect(await rig.acceptor.accept(stranger, draft({ idempotencyKey: 'k' }))).toMatchObject({ kind: 'accepted' });
    expect(await rowsOf(rig, principal.tenantId)).toEqual(ONE);
  });

  it('lets a message that cannot be stored fail alone', async () => {
    const good = Array.from({ length: 20 }, (_, i) => rig.acceptor.accept(principal, draft({ subject: `${i}` })));
    const poison = rig.acceptor.accept(principal, { ...draft(), subject: 'a\0b' });
    const [acceptances, refused] = await Promise.all([Promise.all(good), poison]);
    expect(refused).toMatchObject({ kind: 'refused', errors: [{ code: 'INVALID_VALUE' }] });
    expect(acceptances.every((one) => one.kind === 'accepted')).toBe(true);
    expect(await rowsOf(rig, principal.tenantId)).toMatchObject({ message: 20, recipient: 20, send_job: 20 });
  });

  it('refuses live mail without a relay, except to the magic domain', async () => {
    const bare = openRig(database.url, { smtpUrl: undefined });
    const live: Principal = { ...principal, mode: 'LIVE' };
    try {
      expect(codesOf(await bare.acceptor.accept(live, draft()))).toEqual(['PROVIDER_NOT_CONFIGURED']);
      const magic = draft({ to: [{ address: 'delivered@postern.test' }] });
      expect(await bare.acceptor.accept(live, magic)).toMatchObject({ kind: 'accepted', message: { sandbox: false } });
      expect(await bare.acceptor.accept(principal, draft())).toMatchObject({ kind: 'accepted' });
    } finally {
      await bare.pools.close();
    }
  });

  it('acknowledges nothing when the wait for a synchronous standby was cancelled', async () => {
    const own = await createTestDatabase();
    const alone = openRig(own.url);
    try {
      // The server says so with a warning after the commit; no more can be seen of it from here.
      await alone.pools.main.query(`
        create function warn() returns trigger language plpgsql as $$ begin
          raise warning 'canceling wait for synchronous replication due to user request'; return new; end $$`);
      await alone.pools.main.query('create trigger warn before insert on message for each row execute function warn()');
      await expect(alone.acceptor.accept(principal, draft())).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    } finally {
      await alone.pools.close();
      await own.drop();
    }
  });

  it('says that the outcome is unknown when the database cannot be reached', async () => {
    const lost = openRig(database.url.replace(/:\d+\//, ':1/'));
    try {
      await expect(lost.acceptor.accept(principal, draft())).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    } finally {
      await lost.pools.close();
    }
  });

  it('finds out what became of a commit whose answer was lost', async () => {
    const proxy = await startCuttingProxy(database.url);
    const cut = openRig(proxy.url, { databasePool: 2 });
    try {
      await cut.acceptor.accept(await newPrincipal(cut), draft());
      for (const idempotencyKey of [undefined, 'lost']) {
        proxy.cutReply(1);
        const acceptance = await cut.acceptor.accept(principal, draft({ idempotencyKey }));
        expect(acceptance.kind).toBe('recovered');
        expect(await rig.messages.byIds(principal.tenantId, [idOf(acceptance)])).toHaveLength(1);
      }
      expect(proxy.cuts).toBe(2);
      expect(await rowsOf(rig, principal.tenantId)).toMatchObject({ message: 2, recipient: 2, send_job: 2 });
    } finally {
      await cut.pools.close();
      await proxy.close();
    }
  });

  it('loses and doubles nothing when backends are killed under load', async () => {
    const mostKills = 25;
    const acknowledged: string[] = [];
    let kills = 0;
    let sent = 0;
    // Every other message without a key; the load lasts until there were enough kills.
    const caller = async (acceptor: MessageAcceptor): Promise<void> => {
      while (kills < mostKills) {
        sent += 1;
        const idempotencyKey = sent % 2 === 0 ? `kill-${sent}` : undefined;
        acknowledged.push(idOf(await acceptor.accept(principal, draft({ idempotencyKey }))));
      }
    };
    const kill = async (): Promise<void> => {
      while (kills < mostKills) {
        const { rowCount } = await rig.pools.queue.query(
          `select pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and application_name = 'postern' and state = 'active' limit 1`,
        );
        kills += rowCount ?? 0;
      }
    };
    const callers = Array.from({ length: 64 }, (_, i) => caller((i % 2 === 0 ? rig : other).acceptor));
    await Promise.all([...callers, kill()]);
    expect(new Set(acknowledged).size).toBe(sent);
    expect(await rowsOf(rig, principal.tenantId)).toEqual({
      idempotency_key: Math.floor(sent / 2),
      message: sent,
      message_content: sent,
      message_attachment: 0,
      recipient: sent,
      send_job: sent,
      delivery_event: sent,
    });
  }, 60_000);
});
