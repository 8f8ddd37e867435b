import { randomUUID } from 'node:crypto';
import { Pools } from '../../src/database/pools.js';
import { SandboxMailRepository } from '../../src/sending/transports/sandbox/sandbox-mail.repository.js';
import { SandboxTransport } from '../../src/sending/transports/sandbox/sandbox-transport.js';
import { createTestDatabase } from '../support/postgres.js';
import { SMTP_SPEECH, type TransportHarness, transportContract } from './transport.contract-suite.js';
import { testEnvelope } from '../support/outgoing-mail.js';

async function start(): Promise<TransportHarness> {
  const database = await createTestDatabase();
  const pools = new Pools(database.url, { databasePool: 4, workerPool: 2 });
  const mails = new SandboxMailRepository(pools, { sandboxKeep: 1000 });
  const transport = new SandboxTransport(mails, { smtpConnections: 5 });
  const tenantId = randomUUID();
  return {
    transport,
    refused: 'bounced@postern.test',
    deferred: 'deferred+label@postern.test',
    finalDestination: true,
    speech: SMTP_SPEECH,
    envelope: (changes) => testEnvelope({ envid: `${tenantId}.${randomUUID()}.0.1`, ...changes }),
    taken: async () => {
      const rows = await mails.list(tenantId, undefined, 1000);
      const raws = await mails.raws(
        tenantId,
        rows.map(({ id }) => id),
      );
      return rows.map((row) => ({
        from: row.envelopeFrom,
        to: row.envelopeTo,
        content: raws.get(row.id) ?? Buffer.alloc(0),
      }));
    },
    stop: async () => {
      await pools.close();
      await database.drop();
    },
  };
}

transportContract('SandboxTransport', start);
