import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Pools } from '../../../src/database/pools.js';
import { encodeId } from '../../../src/domain/opaque-id.js';
import type { Principal } from '../../../src/domain/principal.js';
import { MAGIC_ADDRESSES } from '../../../src/sending/transports/sandbox/magic-addresses.js';
import { SandboxInbox } from '../../../src/sending/transports/sandbox/sandbox-inbox.js';
import { SandboxMailRepository } from '../../../src/sending/transports/sandbox/sandbox-mail.repository.js';
import { SandboxMailResolver } from '../../../src/sending/transports/sandbox/sandbox-mail.resolver.js';
import { SandboxTransport } from '../../../src/sending/transports/sandbox/sandbox-transport.js';
import { SmtpTransport } from '../../../src/sending/transports/smtp/smtp-transport.js';
import { contextFor } from '../../support/graphql-context.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { testSmtpSettings } from '../../support/smtp-settings.js';
import { outgoing, testEnvelope } from '../../support/outgoing-mail.js';

const KEEP = 20;
const raw = (subject: string): Buffer => Buffer.from(`Subject: ${subject}\r\n\r\ntext\r\n`);

describe('the sandbox', () => {
  let database: TestDatabase;
  let pools: Pools;
  let mails: SandboxMailRepository;
  let transport: SandboxTransport;

  beforeAll(async () => {
    database = await createTestDatabase();
    pools = new Pools(database.url, { databasePool: 4, workerPool: 2 });
    mails = new SandboxMailRepository(pools, { sandboxKeep: KEEP });
    transport = new SandboxTransport(mails, { smtpConnections: 5 });
  });

  afterAll(async () => {
    await transport.close();
    await pools.close();
    await database.drop();
  });

  async function outcomes(local: string, attempts: number) {
    const [tenantId, messageId] = [randomUUID(), randomUUID()];
    const results = [];
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      const envid = `${tenantId}.${messageId}.3.${attempt}`;
      const envelope = testEnvelope({ to: `${local}@postern.test`, envid });
      results.push(await transport.handOver(envelope, outgoing(raw(`attempt ${attempt}`))));
    }
    const kept = await mails.list(tenantId, undefined, 100);
    return { results, kept: kept.length, tenantId, messageId };
  }

  const short = (result: Awaited<ReturnType<typeof transport.handOver>>): string =>
    [
      result.outcome,
      'reply' in result && result.reply !== undefined ? `${result.reply.code} ${result.reply.enhanced}` : '',
    ]
      .join(' ')
      .trim();

  it.each([
    ['delivered', ['accepted 250 2.0.0'], 1],
    ['bounced', ['refused 550 5.1.1', 'refused 550 5.1.1'], 0],
    ['soft-bounced', ['deferred 450 4.2.2', 'accepted 250 2.0.0'], 1],
    ['deferred', ['deferred 451 4.7.1', 'deferred 451 4.7.1'], 0],
    ['blocked', ['refused 550 5.7.1'], 0],
    ['slow', ['accepted 250 2.0.0'], 1],
    ['in-doubt', ['in_doubt', 'accepted 250 2.0.0'], 2],
    ['in-doubt+some-label', ['in_doubt'], 1],
    ['Bounced+label', ['refused 550 5.1.1'], 0],
    ['anybody', ['accepted 250 2.0.0'], 1],
    ['constructor', ['accepted 250 2.0.0'], 1],
  ])('plays %s', async (local, expected, kept) => {
    const played = await outcomes(local, expected.length);
    expect(played.results.map(short)).toEqual(expected);
    expect(played.kept).toBe(kept);
  });

  it('has a test for every magic address', () => {
    expect(Object.keys(MAGIC_ADDRESSES).toSorted()).toEqual(
      ['delivered', 'bounced', 'soft-bounced', 'deferred', 'blocked', 'slow', 'in-doubt'].toSorted(),
    );
  });

  it('says at its end when it took a mail: nothing comes after it', async () => {
    const { results } = await outcomes('delivered', 1);
    expect(results[0]).toMatchObject({ outcome: 'accepted', finalDestination: true });
  });

  it('keeps the newest mails of each tenant', async () => {
    const first = await outcomes('other-tenant', 1);
    const { tenantId } = await outcomes('delivered', 3 * KEEP);
    const kept = await mails.list(tenantId, undefined, 1000);
    expect(kept.length).toBeGreaterThanOrEqual(KEEP);
    expect(kept.length).toBeLessThanOrEqual(KEEP + KEEP / 10);
    expect(kept[0]?.head.toString()).toContain(`attempt ${3 * KEEP}`);
    expect(await mails.list(first.tenantId, undefined, 10)).toHaveLength(1);
  });

  it('keeps out whoever is not this process', async () => {
    const inbox = new SandboxInbox({ insert: () => Promise.reject(new Error('never')) });
    const port = await inbox.start();
    const stranger = new SmtpTransport(testSmtpSettings({ port, ehloName: 'stranger.test' }));
    const envid = `${randomUUID()}.${randomUUID()}.0.1`;
    const envelope = testEnvelope({ envid });
    expect(await stranger.handOver(envelope, outgoing(raw('x')))).toMatchObject({ outcome: 'refused', stage: 'MAIL' });
    await stranger.close();
    const known = new SmtpTransport(testSmtpSettings({ port, ehloName: inbox.word }));
    expect(await known.handOver({ ...envelope, envid: 'made.up' }, outgoing(raw('x')))).toMatchObject({
      outcome: 'refused',
    });
    expect(await known.handOver(envelope, outgoing(raw('x')))).toMatchObject({
      outcome: 'deferred',
      reply: { code: 451 },
    });
    await known.close();
    await inbox.stop();
    await expect(
      new Promise((resolve, reject) => connect(port, '127.0.0.1', () => resolve('open')).on('error', reject)),
    ).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  describe('its query', () => {
    async function ask(tenantId: string, first?: number, messageId?: string) {
      const principal: Principal = { tenantId, keyId: 'k', mode: 'TEST', scopes: ['READ'] };
      const context = contextFor(principal);
      const resolver = new SandboxMailResolver(mails);
      const found = await resolver.sandboxMails(principal, first, messageId);
      return Promise.all(
        found.map(async (mail) => ({
          mail,
          raw: await resolver.raw(mail, context),
          rawIsBase64: await resolver.rawIsBase64(mail, context),
        })),
      );
    }

    it('lists newest first, by message too, and only the tenant’s own', async () => {
      const { tenantId, messageId } = await outcomes('delivered', 3);
      const all = await ask(tenantId);
      expect(all.map(({ mail }) => mail.subject)).toEqual(['attempt 3', 'attempt 2', 'attempt 1']);
      expect(all[0]).toMatchObject({
        mail: {
          messageId: encodeId('msg', messageId),
          recipientId: `rcp_${messageId.replaceAll('-', '')}_3`,
          envelopeFrom: 'a@from.test',
          envelopeTo: 'delivered@postern.test',
          size: raw('attempt 3').length,
        },
        raw: raw('attempt 3').toString(),
        rawIsBase64: false,
      });
      expect(await ask(tenantId, 2)).toHaveLength(2);
      expect(await ask(tenantId, undefined, encodeId('msg', messageId))).toHaveLength(3);
      expect(await ask(tenantId, undefined, encodeId('msg', randomUUID()))).toEqual([]);
      expect(await ask(tenantId, undefined, 'nonsense')).toEqual([]);
      expect(await ask(randomUUID(), undefined, encodeId('msg', messageId))).toEqual([]);
      await expect(ask(tenantId, 0)).rejects.toThrow('first must be 1 to 100');
      await expect(ask(tenantId, 101)).rejects.toThrow('first must be 1 to 100');
    });

    it('gives a mail that is not UTF-8 in base64', async () => {
      const tenantId = randomUUID();
      const bytes = Buffer.from([0x53, 0x3a, 0x0d, 0x0a, 0x0d, 0x0a, 0xff, 0xfe, 0x0d, 0x0a]);
      const mail = { tenantId, messageId: randomUUID(), n: 0, envelopeFrom: '', envelopeTo: 'b@to.test', raw: bytes };
      await mails.insert(mail);
      expect(await ask(tenantId)).toMatchObject([
        { raw: bytes.toString('base64'), rawIsBase64: true, mail: { subject: '' } },
      ]);
    });
  });
});
