import { randomBytes } from 'node:crypto';
import { type AddressInfo, BlockList } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import { type HandOverIdentity, parseEnvid } from './envid.js';
import { type MagicReply, magicBehaviour } from './magic-addresses.js';
import type { CaughtMail } from './sandbox-mail.repository.js';

/** Where caught mail is kept. */
export interface CaughtMails {
  insert(mail: CaughtMail): Promise<void>;
}

type Callback = (error?: Error | null) => void;
type DataCallback = (error?: Error | null, message?: string) => void;

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** The transport in front of us ends idle connections first. */
const SOCKET_TIMEOUT_MS = 120_000;

const CLOSE_TIMEOUT_MS = 1000;

/**
 * An SMTP server on loopback that keeps what it is given instead of sending it on, and plays every
 * outcome for the magic addresses. Without TLS, as it never leaves the machine and the library's
 * built-in key is public; without a password, but only for whoever says the word of this process
 * in EHLO, so that other users of the machine cannot fill it.
 */
export class SandboxInbox {
  /** What a client says in EHLO to be let in. */
  readonly word = `sandbox-${randomBytes(16).toString('hex')}`;
  #server: SMTPServer | undefined;
  #port: Promise<number> | undefined;

  constructor(private readonly mails: CaughtMails) {}

  /** Starts on first use; the port it listens on. */
  start(): Promise<number> {
    this.#port ??= this.#listen();
    return this.#port;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    this.#port = undefined;
    if (server !== undefined) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  #listen(): Promise<number> {
    const server = new SMTPServer({
      name: 'sandbox.postern.test',
      disabledCommands: ['AUTH', 'STARTTLS'],
      authOptional: true,
      hideDSN: false,
      disableReverseLookup: true,
      lenientAddressParsing: false,
      maxAllowedUnauthenticatedCommands: false,
      socketTimeout: SOCKET_TIMEOUT_MS,
      closeTimeout: CLOSE_TIMEOUT_MS,
      logger: false,
      onConnect: (session, callback) => callback(isLoopback(session.remoteAddress) ? null : refusal(NOT_FOR_YOU)),
      onMailFrom: (_address, session, callback) => this.#onMailFrom(session, callback),
      onRcptTo: ({ address }, session, callback) => this.#onRcptTo(address, session, callback),
      onData: (stream, session, callback) => this.#onData(stream, session, callback),
    });
    this.#server = server;
    return new Promise((resolve, reject) => {
      server.once('error', (error) => {
        this.#port = undefined;
        reject(error);
      });
      server.listen(0, '127.0.0.1', () => {
        // From here on an error is one of a connection, which the transport sees as its own.
        server.removeAllListeners('error');
        server.on('error', () => undefined);
        resolve((server.server.address() as AddressInfo).port);
      });
    });
  }

  #onMailFrom(session: SMTPServerSession, callback: Callback): void {
    const welcome = session.hostNameAppearsAs === this.word && identityOf(session) !== undefined;
    callback(welcome ? null : refusal(NOT_FOR_YOU));
  }

  #onRcptTo(address: string, session: SMTPServerSession, callback: Callback): void {
    const { reply } = magicBehaviour(address, identityOf(session)?.attempt ?? 1);
    callback(reply === undefined ? null : refusal(reply));
  }

  #onData(stream: SMTPServerDataStream, session: SMTPServerSession, callback: DataCallback): void {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.once('end', () => void this.#conclude(Buffer.concat(chunks), session, callback));
  }

  async #conclude(raw: Buffer, session: SMTPServerSession, callback: DataCallback): Promise<void> {
    try {
      if (await this.#take(raw, session)) callback(null, '2.0.0 Taken by the sandbox');
      else this.#hangUp(session);
    } catch {
      // The database is away; whoever else uses it has said so.
      callback(refusal({ code: 451, text: '4.3.0 The sandbox cannot store mail at the moment' }));
    }
  }

  /** Stores the mail; false when it is to be taken without a reply. */
  async #take(raw: Buffer, session: SMTPServerSession): Promise<boolean> {
    const identity = identityOf(session);
    const to = session.envelope.rcptTo[0]?.address;
    if (identity === undefined || to === undefined) throw new Error('a mail without an identity was let in');
    const { tenantId, messageId, n, attempt } = identity;
    const envelopeFrom = session.envelope.mailFrom === false ? '' : session.envelope.mailFrom.address;
    await this.mails.insert({ tenantId, messageId, n, envelopeFrom, envelopeTo: to, raw });
    const behaviour = magicBehaviour(to, attempt);
    if (behaviour.delayMs !== undefined) await delay(behaviour.delayMs);
    return behaviour.hangUp !== true;
  }

  #hangUp(session: SMTPServerSession): void {
    for (const connection of this.#server?.connections ?? []) if (connection.id === session.id) connection.close();
  }
}

const NOT_FOR_YOU: MagicReply = { code: 550, text: '5.7.1 This server takes mail of its own service only' };

function identityOf(session: SMTPServerSession): HandOverIdentity | undefined {
  return parseEnvid(session.envelope.dsn?.envid ?? '');
}

function isLoopback(address: string): boolean {
  return LOOPBACK.check(address, address.includes(':') ? 'ipv6' : 'ipv4');
}

function refusal(reply: MagicReply): Error {
  return Object.assign(new Error(reply.text), { responseCode: reply.code });
}
