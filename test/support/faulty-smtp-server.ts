import { createServer, type Server, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/**
 * A moment of the dialogue: `data` is also the chunk before the last, `body` while the message is
 * being written, `final` after its dot or its last octet.
 */
export type Moment = 'greeting' | 'ehlo' | 'starttls' | 'auth' | 'noop' | 'mail' | 'rcpt' | 'data' | 'body' | 'final';

/** What the server does at that moment instead of what it should. */
export type Fault =
  /** Says nothing, reads nothing and stays. */
  | 'hang'
  /** RST. */
  | 'reset'
  /** FIN, and closes. */
  | 'fin'
  /** FIN, but goes on reading. */
  | 'half-close'
  /** `250-` lines for ever. */
  | 'endless'
  /** One line without an end. */
  | 'huge'
  /** These bytes. */
  | { readonly reply: string }
  /** These bytes, then FIN, RST, or nothing more. */
  | { readonly reply: string; readonly afterwards: 'fin' | 'reset' | 'silence' }
  /** These bytes, one at a time. */
  | { readonly drip: string; readonly everyMs: number };

export interface Script {
  readonly at: Moment;
  readonly fault: Fault;
  /** Further faults, at other moments. */
  readonly also?: Partial<Record<Moment, Fault>>;
  readonly extensions?: readonly string[];
  /** The fault shows from the n-th message of a connection on; default the first. */
  readonly fromMessage?: number;
  /** Connections after this many behave. */
  readonly connections?: number;
  /** Where it listens; default any free port of 127.0.0.1. */
  readonly address?: string;
  readonly port?: number;
  readonly tls?: { readonly key: string; readonly cert: string };
  /** TLS from the first byte instead of STARTTLS. */
  readonly implicitTls?: boolean;
  /** CHUNKING may be offered, but BDAT is not known: what follows it is read as commands. */
  readonly knowsNoChunks?: boolean;
}

const GOOD: Record<Moment, string> = {
  greeting: '220 faulty.test ESMTP\r\n',
  ehlo: '',
  starttls: '220 2.0.0 go ahead\r\n',
  auth: '235 2.7.0 welcome\r\n',
  noop: '250 2.0.0 Ok\r\n',
  mail: '250 2.1.0 Ok\r\n',
  rcpt: '250 2.1.5 Ok\r\n',
  data: '354 go ahead\r\n',
  body: '',
  final: '250 2.0.0 Ok: queued\r\n',
};

const VERBS: Record<string, Moment> = {
  EHLO: 'ehlo',
  HELO: 'ehlo',
  STAR: 'starttls',
  AUTH: 'auth',
  NOOP: 'noop',
  MAIL: 'mail',
  RCPT: 'rcpt',
  DATA: 'data',
};

/** A raw SMTP server that follows a script of faults and knows what it really received. */
export class FaultySmtpServer {
  /** Messages to somebody whose final dot or last octet arrived: the truth that an outcome is measured against. */
  complete = 0;
  /** Command lines of all connections in order. */
  readonly commands: string[] = [];
  connections = 0;
  readonly #sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    readonly script: Script,
  ) {}

  static start(script: Script): Promise<FaultySmtpServer> {
    const server = createServer({ allowHalfOpen: true });
    const faulty = new FaultySmtpServer(server, script);
    server.on('connection', (socket) => faulty.#connected(socket));
    return new Promise((resolve) =>
      server.listen(script.port ?? 0, script.address ?? '127.0.0.1', () => resolve(faulty)),
    );
  }

  get port(): number {
    const address = this.server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  get open(): number {
    return this.#sockets.size;
  }

  close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  #connected(socket: Socket): void {
    this.connections += 1;
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('close', () => this.#sockets.delete(socket));
    const behaves = this.connections > (this.script.connections ?? Infinity);
    new FaultySession(this, socket, behaves).start();
  }
}

class FaultySession {
  #buffer = '';
  #inBody = false;
  #silent = false;
  #messages = 0;
  #chunk: { readonly octets: number; readonly last: boolean } | undefined;
  /** MAIL was accepted, and RCPT behind it. */
  #hasSender = false;
  #hasRecipient = false;
  #socket: Socket;

  constructor(
    private readonly server: FaultySmtpServer,
    private readonly plain: Socket,
    private readonly behaves: boolean,
  ) {
    this.#socket = plain;
  }

  start(): void {
    if (this.server.script.implicitTls === true) {
      this.#secure();
      this.#socket.once('secure', () => this.#answer('greeting'));
    } else {
      this.#listen();
      this.#answer('greeting');
    }
  }

  #listen(): void {
    const socket = this.#socket;
    socket.on('data', (chunk) => this.#read(chunk.toString('latin1')));
    socket.on('end', () => socket.end());
  }

  #secure(): void {
    this.plain.removeAllListeners('data');
    this.#socket = new TLSSocket(this.plain, { isServer: true, ...this.server.script.tls });
    this.#socket.on('error', () => undefined);
    this.#listen();
  }

  #read(text: string): void {
    this.#buffer += text;
    while (!this.#silent || this.#inBody) {
      if (this.#chunk !== undefined) {
        if (!this.#takeChunk(this.#chunk)) return;
        continue;
      }
      if (this.#inBody) {
        if (this.#has('body')) return this.#answer('body');
        const end = this.#buffer.startsWith('.\r\n') ? 0 : this.#buffer.indexOf('\r\n.\r\n');
        if (end < 0) return;
        this.#buffer = this.#buffer.slice(end === 0 ? 3 : end + 5);
        this.#inBody = false;
        this.#complete();
        continue;
      }
      const end = this.#buffer.indexOf('\r\n');
      if (end < 0) return;
      const line = this.#buffer.slice(0, end);
      this.#buffer = this.#buffer.slice(end + 2);
      this.#command(line);
    }
  }

  /** False while octets of it are missing. */
  #takeChunk({ octets, last }: { readonly octets: number; readonly last: boolean }): boolean {
    if (last && this.#has('body')) {
      this.#chunk = undefined;
      this.#answer('body');
      return true;
    }
    if (this.#buffer.length < octets) return false;
    this.#buffer = this.#buffer.slice(octets);
    this.#chunk = undefined;
    if (last) this.#complete();
    else this.#answer('data', `250 2.0.0 ${octets} octets\r\n`);
    return true;
  }

  #complete(): void {
    if (this.#hasRecipient) this.server.complete += 1;
    this.#hasRecipient = false;
    this.#answer('final');
  }

  #command(line: string): void {
    this.server.commands.push(line);
    const verb = line.slice(0, 4).toUpperCase();
    const moment = VERBS[verb];
    const chunk = this.server.script.knowsNoChunks === true ? null : /^BDAT (\d+)( LAST)?$/i.exec(line);
    if (chunk !== null) this.#chunk = { octets: Number(chunk[1]), last: chunk[2] !== undefined };
    else if (verb === 'QUIT') this.#socket.end('221 2.0.0 Bye\r\n');
    else if (verb === 'RSET') this.#socket.write('250 2.0.0 Ok\r\n');
    else if (moment === undefined) this.#socket.write('502 5.5.2 not known\r\n');
    else this.#answer(moment);
  }

  #has(moment: Moment): boolean {
    return this.#fault(moment) !== undefined;
  }

  #fault(moment: Moment): Fault | undefined {
    const { script } = this.server;
    if (this.behaves || this.#messages < (script.fromMessage ?? 1) - 1) return undefined;
    return script.at === moment ? script.fault : script.also?.[moment];
  }

  #answer(moment: Moment, good = GOOD[moment]): void {
    const fault = this.#fault(moment);
    if (moment === 'final') this.#messages += 1;
    const reply = typeof fault === 'object' && 'reply' in fault ? fault.reply : good;
    const accepts = reply.startsWith('2') && typeof fault !== 'string';
    if (moment === 'mail') this.#hasSender = accepts;
    if (moment === 'rcpt') this.#hasRecipient = this.#hasSender && accepts;
    if (moment === 'data' && reply.startsWith('354')) this.#inBody = true;
    if (fault !== undefined) this.#misbehave(fault);
    else if (moment === 'ehlo') this.#ehlo();
    else this.#socket.write(reply);
    if (moment === 'starttls' && fault === undefined) this.#secure();
  }

  #ehlo(): void {
    const { extensions = ['PIPELINING', '8BITMIME'], tls } = this.server.script;
    const lines = ['faulty.test', ...extensions];
    if (tls !== undefined && !(this.#socket instanceof TLSSocket)) lines.push('STARTTLS');
    this.#socket.write(lines.map((line, n) => `250${n < lines.length - 1 ? '-' : ' '}${line}\r\n`).join(''));
  }

  #misbehave(fault: Fault): void {
    const socket = this.#socket;
    this.#silent = typeof fault === 'string' || 'drip' in fault || 'afterwards' in fault;
    if (fault === 'hang') socket.pause();
    // Later, or the RST overtakes what was written before.
    if (fault === 'reset') setTimeout(() => this.plain.resetAndDestroy(), 20);
    else if (fault === 'fin') socket.end(() => socket.destroy());
    else if (fault === 'half-close') socket.end();
    else if (fault === 'endless') this.#repeat(() => socket.write('250-and more\r\n'.repeat(500)), 1);
    else if (fault === 'huge') this.#repeat(() => socket.write('x'.repeat(10_000)), 1);
    else if (typeof fault === 'object' && 'drip' in fault) this.#drip(fault.drip, fault.everyMs);
    else if (typeof fault === 'object') this.#reply(fault);
  }

  #reply(fault: { reply: string; afterwards?: 'fin' | 'reset' | 'silence' }): void {
    const { afterwards } = fault;
    this.#socket.write(fault.reply, () => {
      if (afterwards === 'fin') this.#socket.end(() => this.#socket.destroy());
      else if (afterwards === 'reset') setTimeout(() => this.plain.resetAndDestroy(), 20);
    });
  }

  #drip(text: string, everyMs: number): void {
    let at = 0;
    this.#repeat(() => {
      if (at < text.length) this.#socket.write(text.charAt(at));
      at += 1;
    }, everyMs);
  }

  #repeat(write: () => void, everyMs: number): void {
    const timer = setInterval(() => (this.#socket.writable ? write() : clearInterval(timer)), everyMs);
    this.#socket.on('close', () => clearInterval(timer));
  }
}
