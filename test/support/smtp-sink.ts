import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, TLSSocket } from 'node:tls';
import { type SinkAccount, type SinkAuthMethod, SinkLogin } from './sink-login.js';

export interface SinkMail {
  readonly from: string;
  readonly to: readonly string[];
  /** As it was meant: without the stuffed dots and the final one. */
  readonly raw: Buffer;
  /** Parameters of MAIL, as they were written. */
  readonly parameters: string;
  /** The address it came from. */
  readonly client: string;
}

export interface SinkOptions {
  /** Where it listens; default any free port of 127.0.0.1. */
  readonly address?: string;
  readonly port?: number;
  /** Keywords offered in EHLO. */
  readonly extensions?: readonly string[];
  /** Keep every mail; without it they are only counted. */
  readonly keep?: boolean;
  /** Milliseconds before the final reply. */
  readonly delayMs?: number;
  /** Milliseconds of rest after each read: a relay behind a narrow line. */
  readonly restMs?: number;
  readonly tls?: { readonly key: string; readonly cert: string };
  /** TLS from the first byte instead of STARTTLS. */
  readonly implicitTls?: boolean;
  /** AUTH is offered and needed. */
  readonly auth?: SinkAccount;
  /** How; default PLAIN. */
  readonly authMethods?: readonly SinkAuthMethod[];
  /** The reply to RCPT for an address, where it is not 250. */
  readonly refuse?: (address: string) => string | undefined;
  /** After RCPT for such an address nothing is answered any more. */
  readonly hang?: (address: string) => boolean;
}

const DOT = Buffer.from('\r\n.\r\n');
const DEFAULT_EXTENSIONS = ['PIPELINING', '8BITMIME', 'SMTPUTF8', 'DSN', 'SIZE 104857600', 'ENHANCEDSTATUSCODES'];

/** A fast, obedient SMTP server that remembers what it was given. */
export class SmtpSink {
  readonly mails: SinkMail[] = [];
  /** Commands of all connections in order. */
  readonly commands: string[] = [];
  /** How often each recipient, and each X-Postern-Id with its recipient, was taken. */
  readonly perRecipient = new Map<string, number>();
  readonly perId = new Map<string, number>();
  /** Addresses that connections came from. */
  readonly peers = new Set<string | undefined>();
  accepted = 0;
  connections = 0;
  open = 0;
  mostOpen = 0;
  /** Mails whose final reply is outstanding. */
  #atOnce = 0;
  mostAtOnce = 0;
  readonly #sockets = new Set<Socket>();
  readonly #waiting: { count: number; resolve: () => void }[] = [];

  private constructor(
    private readonly server: Server,
    readonly options: SinkOptions,
  ) {}

  static start(options: SinkOptions = {}): Promise<SmtpSink> {
    const server = options.implicitTls === true ? createTlsServer({ ...options.tls }) : createServer();
    const sink = new SmtpSink(server, options);
    server.on(options.implicitTls === true ? 'secureConnection' : 'connection', (socket: Socket) =>
      sink.#connected(socket),
    );
    return new Promise((resolve) =>
      server.listen(options.port ?? 0, options.address ?? '127.0.0.1', () => resolve(sink)),
    );
  }

  get port(): number {
    const address = this.server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** Resolves once that many mails have been taken. */
  taken(count: number): Promise<void> {
    if (this.accepted >= count) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ count, resolve }));
  }

  /** Ends every connection, as a relay does with idle ones. */
  hangUp(): void {
    for (const socket of this.#sockets) socket.end();
  }

  close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  accept(mail: SinkMail): void {
    this.accepted += 1;
    if (this.options.keep !== false) this.mails.push(mail);
    const id = /^X-Postern-Id: (\S+)/im.exec(mail.raw.toString('latin1', 0, 4096))?.[1] ?? '';
    for (const to of mail.to) {
      count(this.perRecipient, to);
      count(this.perId, `${id} ${to}`);
    }
    for (const { count: wanted, resolve } of this.#waiting) if (this.accepted >= wanted) resolve();
  }

  begin(): void {
    this.#atOnce += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#atOnce);
  }

  end(): void {
    this.#atOnce -= 1;
  }

  #left(socket: Socket): void {
    if (this.#sockets.delete(socket)) this.open -= 1;
  }

  #connected(socket: Socket): void {
    this.connections += 1;
    this.open += 1;
    this.mostOpen = Math.max(this.mostOpen, this.open);
    this.#sockets.add(socket);
    this.peers.add(socket.remoteAddress);
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('close', () => this.#left(socket));
    new SinkSession(this, socket, () => this.#left(socket)).greet();
  }
}

class SinkSession {
  #buffer = Buffer.alloc(0);
  /** What came since, when it is known to hold no end. */
  readonly #parts: Buffer[] = [];
  #inData = false;
  /** The chunk that is being received, and those before it. */
  #chunk: { readonly octets: number; readonly last: boolean } | undefined;
  #chunks: Buffer[] = [];
  #from = '';
  #parameters = '';
  #to: string[] = [];
  readonly #login: SinkLogin;
  #hangs = false;

  constructor(
    private readonly sink: SmtpSink,
    private socket: Socket,
    /** With QUIT the session is over, whenever the socket follows. */
    private readonly left: () => void,
  ) {
    this.#login = new SinkLogin(sink.options.auth, sink.options.authMethods);
  }

  greet(): void {
    this.socket.on('data', (chunk) => this.#read(chunk));
    this.socket.write('220 sink.test ESMTP\r\n');
  }

  #read(chunk: Buffer | string): void {
    if (this.sink.options.restMs !== undefined) {
      this.socket.pause();
      setTimeout(() => this.socket.resume(), this.sink.options.restMs);
    }
    this.#parts.push(Buffer.from(chunk));
    if (this.#goesOn()) return;
    this.#buffer = Buffer.concat([this.#buffer, ...this.#parts.splice(0)]);
    let replies = '';
    for (;;) {
      const reply = this.#inData ? this.#body() : this.#chunk === undefined ? this.#line() : this.#takeChunk();
      if (reply === undefined) break;
      replies += reply;
    }
    if (replies !== '' && !this.#hangs) this.socket.write(replies);
  }

  /** In the middle of megabytes: putting them together with every read would be quadratic. */
  #goesOn(): boolean {
    const [before = this.#buffer, last = this.#buffer] = [this.#parts.at(-2), this.#parts.at(-1)];
    if (last.length < 4096 || before.length === 0) return false;
    if (this.#inData) return !Buffer.concat([before.subarray(1 - DOT.length), last]).includes(DOT);
    const received = this.#parts.reduce((sum, { length }) => sum + length, this.#buffer.length);
    return this.#chunk !== undefined && received < this.#chunk.octets;
  }

  #body(): string | undefined {
    const empty = this.#buffer.subarray(0, 3).toString('latin1') === '.\r\n';
    const end = empty ? 0 : this.#buffer.indexOf(DOT);
    if (end < 0) return undefined;
    const raw = empty ? Buffer.alloc(0) : this.#buffer.subarray(0, end + 2);
    this.#buffer = this.#buffer.subarray(empty ? 3 : end + DOT.length);
    this.#inData = false;
    const unstuffed = raw.includes('\r\n..') || raw[0] === 0x2e;
    return this.#take(
      unstuffed ? Buffer.from(raw.toString('latin1').replace(/^\./gm, ''), 'latin1') : Buffer.from(raw),
    );
  }

  #take(raw: Buffer): string {
    this.sink.accept({
      from: this.#from === '<>' ? '' : this.#from,
      to: this.#to,
      raw,
      parameters: this.#parameters,
      client: this.socket.remoteAddress ?? '',
    });
    this.#reset();
    const reply = '250 2.0.0 Ok: queued\r\n';
    const { delayMs } = this.sink.options;
    if (delayMs === undefined) return reply;
    this.sink.begin();
    setTimeout(() => {
      this.sink.end();
      this.socket.write(reply);
    }, delayMs);
    return '';
  }

  /** Its octets are taken off the line even if they are of no use (RFC 3030 section 2). */
  #takeChunk(): string | undefined {
    const { octets, last } = this.#chunk ?? { octets: 0, last: false };
    if (this.#buffer.length < octets) return undefined;
    this.#chunks.push(Buffer.from(this.#buffer.subarray(0, octets)));
    this.#buffer = this.#buffer.subarray(octets);
    this.#chunk = undefined;
    if (this.#to.length === 0) return '503 5.5.1 no valid recipients\r\n';
    return last ? this.#take(Buffer.concat(this.#chunks)) : `250 2.0.0 ${octets} octets\r\n`;
  }

  #line(): string | undefined {
    const end = this.#buffer.indexOf('\r\n');
    if (end < 0) return undefined;
    const line = this.#buffer.toString('utf8', 0, end);
    this.#buffer = this.#buffer.subarray(end + 2);
    if (this.sink.options.keep !== false) this.sink.commands.push(line);
    return this.#login.answer(line) ?? this.#command(line);
  }

  #command(line: string): string {
    const verb = line.slice(0, 4).toUpperCase();
    if (verb === 'EHLO') return this.#ehlo();
    if (verb === 'HELO') return '250 sink.test\r\n';
    if (verb === 'STAR') return this.#startTls();
    if (verb === 'AUTH') return this.#login.begin(line);
    if (verb === 'MAIL') return this.#mail(line);
    if (verb === 'RCPT') return this.#rcpt(line);
    if (verb === 'DATA') return this.#data();
    if (verb === 'BDAT') return this.#bdat(line);
    if (verb === 'NOOP') return '250 2.0.0 Ok\r\n';
    if (verb === 'RSET') return this.#reset();
    if (verb !== 'QUIT') return '502 5.5.2 not known\r\n';
    this.left();
    this.socket.end('221 2.0.0 Bye\r\n');
    return '';
  }

  #ehlo(): string {
    const { extensions = DEFAULT_EXTENSIONS, tls, auth } = this.sink.options;
    const lines = ['sink.test', ...extensions];
    if (tls !== undefined && !(this.socket instanceof TLSSocket)) lines.push('STARTTLS');
    if (auth !== undefined) lines.push(`AUTH ${this.#login.methods.join(' ')}`);
    return lines.map((line, n) => `250${n < lines.length - 1 ? '-' : ' '}${line}\r\n`).join('');
  }

  #startTls(): string {
    const { tls } = this.sink.options;
    if (tls === undefined) return '502 5.5.1 not offered\r\n';
    const plain = this.socket;
    plain.removeAllListeners('data');
    plain.write('220 2.0.0 go ahead\r\n');
    const secured = new TLSSocket(plain, { isServer: true, ...tls });
    secured.on('error', () => undefined);
    secured.on('data', (chunk: Buffer) => this.#read(chunk));
    this.socket = secured;
    return '';
  }

  #mail(line: string): string {
    if (!this.#login.done) return '530 5.7.0 authenticate first\r\n';
    if (this.#from !== '' || this.#to.length > 0) return '503 5.5.1 nested MAIL\r\n';
    const match = /^MAIL FROM:<([^>]*)>(.*)$/i.exec(line);
    if (match === null) return '501 5.5.4 syntax\r\n';
    this.#from = match[1] === '' ? '<>' : (match[1] ?? '');
    this.#parameters = (match[2] ?? '').trim();
    return '250 2.1.0 Ok\r\n';
  }

  #rcpt(line: string): string {
    const address = /^RCPT TO:<([^>]*)>/i.exec(line)?.[1];
    if (address === undefined) return '501 5.5.4 syntax\r\n';
    if (this.sink.options.hang?.(address) === true) this.#hangs = true;
    const refusal = this.sink.options.refuse?.(address);
    if (refusal !== undefined) return `${refusal}\r\n`;
    this.#to.push(address);
    return '250 2.1.5 Ok\r\n';
  }

  #data(): string {
    if (this.#to.length === 0) return '503 5.5.1 no valid recipients\r\n';
    this.#inData = true;
    return '354 go ahead\r\n';
  }

  #bdat(line: string): string {
    if (!(this.sink.options.extensions ?? DEFAULT_EXTENSIONS).includes('CHUNKING')) return '502 5.5.1 not known\r\n';
    const match = /^BDAT (\d+)( LAST)?$/i.exec(line);
    if (match === null) return '501 5.5.4 syntax\r\n';
    this.#chunk = { octets: Number(match[1]), last: match[2] !== undefined };
    return '';
  }

  #reset(): string {
    this.#from = '';
    this.#to = [];
    this.#chunks = [];
    return '250 2.0.0 Ok\r\n';
  }
}

function count(map: Map<string, number>, key: string): void {
  map.set(key, (map.get(key) ?? 0) + 1);
}
