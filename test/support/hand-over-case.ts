import { SmtpTransport } from '../../src/sending/transports/smtp/smtp-transport.js';
import { FaultySmtpServer } from './faulty-smtp-server.js';
import { outgoing, testEnvelope } from './outgoing-mail.js';
import { type FaultCase, LONG_DEADLINES, SMALL_MAIL } from './smtp-fault-cases.js';
import { testSmtpSettings } from './smtp-settings.js';

const ENVELOPE = testEnvelope();

/** Hands one message over to a server that follows the script; in one write it is the second of a connection. */
export async function handOverCase({
  script,
  settings: special,
  raw = SMALL_MAIL,
  way,
}: Omit<FaultCase, 'name' | 'expected'>) {
  const before = way === 'in one write' ? 1 : 0;
  const server = await FaultySmtpServer.start({ ...script, fromMessage: before + 1 });
  const settings = testSmtpSettings({ port: server.port, maxConnections: 1, ...LONG_DEADLINES, ...special });
  const transport = new SmtpTransport(settings);
  try {
    for (let n = 0; n < before; n += 1) await transport.handOver(ENVELOPE, outgoing(SMALL_MAIL));
    const started = Date.now();
    const result = await transport.handOver(ENVELOPE, outgoing(raw));
    const { connectTimeoutMs, commandTimeoutMs, finalReplyTimeoutMs } = settings;
    const deadline = connectTimeoutMs + 2 * commandTimeoutMs + finalReplyTimeoutMs;
    const late = Date.now() - started - deadline;
    return { result, late, complete: server.complete - before, connections: server.connections };
  } finally {
    await transport.close();
    await server.close();
  }
}
