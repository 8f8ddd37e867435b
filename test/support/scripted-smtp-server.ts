import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export const STEPS = ['greeting', 'ehlo', 'mail', 'rcpt', 'data', 'final'] as const;
export type ScriptStep = (typeof STEPS)[number];

/** One answer: its bytes, in which pieces they leave, and what becomes of the connection behind it. */
export interface Answer {
  readonly reply: string;
  /** Where it is cut, in shares of its length. */
  readonly cuts: readonly number[];
  /** Milliseconds before each piece. */
  readonly pauseMs: number;
  readonly afterwards: 'goes on' | 'fin' | 'reset' | 'silence';
}

const WELL: Readonly<Record<ScriptStep, string>> = {
  greeting: '220 scripted.test\r\n',
  ehlo: '',
  mail: '250 2.1.0 Ok\r\n',
  rcpt: '250 2.1.5 Ok\r\n',
  data: '250 2.0.0 go on\r\n',
  final: '250 2.0.0 taken\r\n',
};

/** A message to the watched recipient that arrived as a whole, and what was said of it. */
export interface Completion {
  answered: string | undefined;
}

/** Answers every step by a script, and knows what it had of the watched recipient's mail and what it said. */
export class ScriptedSmtpServer {
  readonly completions: Completion[] = [];
  readonly #sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    readonly script: Partial<Record<ScriptStep, Answer>>,
    readonly extensions: readonly string[],
    /** So many messages of each connection go well first. */
    readonly before: number,
    readonly watched: string,
  ) {}

  static start(
    script: Partial<Record<ScriptStep, Answer>>,
    extensions: readonly string[],
    before: number,
    watched: string,
  ): Promise<ScriptedSmtpServer> {
    const server = createServer({ allowHalfOpen: true });
    const scripted = new ScriptedSmtpServer(server, script, extensions, before, watched);
    server.on('connection', (socket) => scripted.#connected(socket));
    return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(scripted)));
  }

  get port(): number {
    const address = this.server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  #connected(socket: Socket): void {
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('close', () => this.#sockets.delete(socket));
    // Its end, however it comes, is in the client's hands.
    new ScriptedSession(this, socket).serve().catch(() => socket.destroy());
  }
}

class ScriptedSession {
  #received = Buffer.alloc(0);
  readonly #chunks: AsyncIterator<Buffer, undefined>;
  #messages = 0;
  /** The recipient, once RCPT was accepted. */
  #recipient = '';
  /** The message that is being answered. */
  #completion: Completion = { answered: undefined };

  constructor(
    private readonly server: ScriptedSmtpServer,
    private readonly socket: Socket,
  ) {
    this.#chunks = socket[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>;
  }

  async serve(): Promise<void> {
    await this.#answer('greeting');
    for (;;) await this.#command(await this.#upTo('\r\n'));
  }

  async #command(line: string): Promise<void> {
    const chunk = /^BDAT (\d+)( LAST)?/.exec(line);
    if (chunk !== null) return this.#chunk(Number(chunk[1]), chunk[2] !== undefined);
    if (line.startsWith('EHLO')) await this.#answer('ehlo', this.#offer());
    else if (line.startsWith('MAIL')) await this.#answer('mail');
    else if (line.startsWith('RCPT')) this.#recipient = (await this.#answer('rcpt')).startsWith('2') ? line : '';
    else if (line.startsWith('DATA')) await this.#data();
    else await this.#write('250 2.0.0 Ok\r\n');
  }

  async #data(): Promise<void> {
    const reply = await this.#answer('data', '354 go on\r\n');
    // As the client understands it: some say 250 for it.
    if (!/^[23]/.test(reply)) return;
    let body = '';
    while (!`\r\n${body}`.endsWith('\r\n.\r\n')) body += `${await this.#upTo('\r\n')}\r\n`;
    await this.#final();
  }

  async #chunk(octets: number, last: boolean): Promise<void> {
    while (this.#received.length < octets) await this.#more();
    this.#received = this.#received.subarray(octets);
    if (last) await this.#final();
    else await this.#answer('data');
  }

  async #final(): Promise<void> {
    this.#completion = { answered: undefined };
    if (this.#recipient === `RCPT TO:<${this.server.watched}>`) this.server.completions.push(this.#completion);
    this.#completion.answered = await this.#answer('final');
    this.#messages += 1;
    this.#recipient = '';
  }

  /** What was said; never returns where the script ends here. */
  async #answer(step: ScriptStep, well = WELL[step]): Promise<string> {
    const opening = step === 'greeting' || step === 'ehlo';
    const answer = !opening && this.#messages < this.server.before ? undefined : this.server.script[step];
    if (answer === undefined) {
      await this.#write(well);
      return well;
    }
    const { reply, cuts, pauseMs, afterwards } = answer;
    const places = [...cuts.map((share) => Math.floor(share * reply.length)), reply.length];
    let from = 0;
    for (const to of places.toSorted((a, b) => a - b)) {
      if (to === from) continue;
      await sleep(pauseMs);
      await this.#write(reply.slice(from, to));
      from = to;
    }
    if (afterwards === 'goes on') return reply;
    // Whatever comes of the connection, the whole reply was on its way: this counts as said.
    if (step === 'final') this.#completion.answered = reply;
    if (afterwards === 'fin') this.socket.end();
    if (afterwards === 'reset') {
      // Later, or the RST overtakes what was written before.
      await sleep(20);
      this.socket.resetAndDestroy();
    }
    return new Promise(() => undefined);
  }

  #offer(): string {
    return `250-${['scripted.test', ...this.server.extensions].join('\r\n250-')}\r\n250 HELP\r\n`;
  }

  #write(text: string): Promise<void> {
    return new Promise((resolve, reject) =>
      this.socket.write(text, (error) => (error === null || error === undefined ? resolve() : reject(error))),
    );
  }

  async #upTo(end: string): Promise<string> {
    for (;;) {
      const at = this.#received.indexOf(end);
      if (at >= 0) {
        const line = this.#received.toString('latin1', 0, at);
        this.#received = this.#received.subarray(at + end.length);
        return line;
      }
      await this.#more();
    }
  }

  async #more(): Promise<void> {
    const next = await this.#chunks.next();
    if (next.done === true) throw new Error('the client has left');
    this.#received = Buffer.concat([this.#received, next.value]);
  }
}
