import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { encodeId } from '../../../src/domain/opaque-id.js';
import type { Principal } from '../../../src/domain/principal.js';
import { draft, idOf, newPrincipal, openRig, type Rig } from '../accept/rig.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';

describe('the content of messages for delivery', () => {
  let database: TestDatabase;
  let rig: Rig;
  let principal: Principal;

  beforeAll(async () => {
    database = await createTestDatabase();
    rig = openRig(database.url);
  });
  beforeEach(async () => {
    principal = await newPrincipal(rig);
  });
  afterAll(async () => {
    await rig.pools.close();
    await database.drop();
  });

  const accept = async (input: Parameters<typeof draft>[0] = {}): Promise<string> =>
    idOf(await rig.acceptor.accept(principal, draft(input)));

  it('gives back what was authorised, for many messages at once', async () => {
    const given = draft({
      from: { address: 'ada@BÜCHER.example', name: 'Ada Ö.' },
      to: [{ address: 'jürgen@example.net', name: 'Jürgen' }],
      cc: [{ address: 'cy@example.net' }],
      bcc: [{ address: 'hidden@example.net' }],
      replyTo: [{ address: 'desk@example.com' }],
      headers: [{ name: 'X-A', value: 'b' }],
      content: { text: 'Zeile\r\nzwei', html: '<p>ü</p>' },
      attachments: [
        { filename: 'a.txt', base64: 'YQ==' },
        { filename: 'b.txt', base64: 'Yg==', contentType: 'text/plain', contentId: 'b@c' },
      ],
      inDoubt: 'HOLD',
      lane: 'BULK',
    });
    const id = idOf(await rig.acceptor.accept(principal, given));
    const ids = [id, await accept(), await accept()];
    const stranger = await newPrincipal(rig);
    const keys = [...ids, randomUUID()].map((messageId) => ({ tenantId: principal.tenantId, messageId }));
    const loaded = await rig.contents.loadForDelivery(
      rig.pools.queue,
      [...keys, { tenantId: stranger.tenantId, messageId: ids[1] ?? '' }],
      1_000_000,
    );
    expect([...loaded.keys()].toSorted()).toEqual(ids.toSorted());

    const { from, to, cc, replyTo, subject, text, html, headers, attachments } = given;
    const [row] = await rig.messages.byIds(principal.tenantId, [id]);
    expect(loaded.get(id)).toEqual({
      composition: {
        from,
        to,
        cc,
        replyTo,
        subject,
        text,
        html,
        headers,
        attachments,
        messageIdHeader: `${id}@xn--bcher-kva.example`,
        date: row?.acceptedAt,
        correlationId: encodeId('msg', id),
      },
      inDoubt: 'HOLD',
      sandbox: true,
      acceptedAt: row?.acceptedAt,
      dueAt: row?.acceptedAt,
      lane: 'BULK',
      sizeBytes: row?.sizeBytes,
    });
    expect(JSON.stringify([...loaded])).not.toContain('hidden@');
    const without = await rig.contents.loadForDelivery(rig.pools.queue, keys, (row?.sizeBytes ?? 0) - 1);
    expect(without.get(id)).toEqual({ ...loaded.get(id), composition: undefined });
  });

  it('leaves out a message that lost a part of its content', async () => {
    const id = await accept({ attachments: [{ filename: 'a.txt', base64: 'YQ==' }] });
    await rig.pools.main.query('delete from message_attachment where tenant_id = $1', [principal.tenantId]);
    const keys = [{ tenantId: principal.tenantId, messageId: id }];
    expect(await rig.contents.loadForDelivery(rig.pools.queue, keys, 1_000_000)).toEqual(new Map());
    expect(await rig.contents.loadForDelivery(rig.pools.queue, [], 1_000_000)).toEqual(new Map());
  });
});
