import { describe, expect, it } from '@jest/globals';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { takeSocket } from '../../../src/sending/transports/smtp/take-socket.js';
import { FaultySmtpServer, type Script } from '../../support/faulty-smtp-server.js';

const HIDDEN = [
  '_socket',
  '_remainder',
  '_responseQueue',
  '_onSocketData',
  '_onSocketClose',
  '_onSocketEnd',
  '_onSocketError',
  '_onSocketTimeout',
];

/** Opens a connection and takes its socket as soon as it is ready. */
async function taken(script: Script) {
  const server = await FaultySmtpServer.start(script);
  const connection = new SMTPConnection({ host: '127.0.0.1', port: server.port, ignoreTLS: true });
  connection.on('error', () => undefined);
  const socket = await new Promise<ReturnType<typeof takeSocket>>((resolve) => {
    connection.connect(() => resolve(takeSocket(connection)));
  });
  return { connection, socket, server };
}

describe('takeSocket', () => {
  it('finds everything it needs under the names it knows, and leaves no listener behind', async () => {
    const { connection, socket, server } = await taken({ at: 'final', fault: 'hang' });
    expect(HIDDEN.filter((name) => !(name in connection))).toEqual([]);
    for (const event of ['data', 'end', 'timeout'] as const) {
      const ours = socket?.listeners(event).filter((listener) => String(listener).includes('this._on'));
      expect(ours).toEqual([]);
    }
    for (const event of ['error', 'close'] as const) expect(socket?.listenerCount(event)).toBe(0);
    expect(socket?.timeout).toBe(0);
    socket?.destroy();
    await server.close();
  });

  it('is refused when the relay has said more than it was asked', async () => {
    const { connection, socket, server } = await taken({
      at: 'ehlo',
      fault: { reply: '250 faulty.test\r\n250 and again\r\n' },
    });
    expect(socket).toBeUndefined();
    connection.close();
    await server.close();
  });
});
