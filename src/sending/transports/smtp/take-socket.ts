import type { Socket } from 'node:net';
import type SMTPConnection from 'nodemailer/lib/smtp-connection';

type Listener = (...values: unknown[]) => void;

/** What nodemailer's connection keeps to itself, by the names of the pinned version 10.6.0. */
interface Inside {
  readonly _socket: Socket;
  readonly _remainder: string;
  readonly _responseQueue: readonly string[];
  readonly _onSocketData: Listener;
  readonly _onSocketClose: Listener;
  readonly _onSocketEnd: Listener;
  readonly _onSocketError: Listener;
  readonly _onSocketTimeout: Listener;
}

/**
 * Takes the socket out of nodemailer's hands, for which the class has no public way. Undefined when
 * the relay has said more than it was asked: what follows would be read as replies to the wrong
 * commands. The caller listens to `data` in the same turn.
 */
export function takeSocket(connection: SMTPConnection): Socket | undefined {
  const inside = connection as unknown as Inside;
  const socket = inside._socket;
  if ([...inside._responseQueue, inside._remainder].some((text) => text.trim() !== '')) return undefined;
  socket.off('data', inside._onSocketData);
  socket.off('close', inside._onSocketClose);
  socket.off('end', inside._onSocketEnd);
  socket.off('error', inside._onSocketError);
  socket.off('timeout', inside._onSocketTimeout);
  socket.setTimeout(0);
  return socket;
}
