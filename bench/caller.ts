import { type Socket, connect } from 'node:net';

const END_OF_HEAD = Buffer.from('\r\n\r\n');
const LENGTH = /content-length: (\d+)/i;

/**
 * One caller with one connection, as thin as it can be: the load must not compete with the service
 * for the machine. Node's own HTTP client costs three times as much a call.
 */
export class Caller {
  private readonly url: URL;
  private readonly key: string;
  private socket: Socket | undefined;
  private received: Buffer = Buffer.alloc(0);
  private waiting: { resolve: (body: string) => void; reject: (error: Error) => void } | undefined;

  constructor(url: string, key: string) {
    this.url = new URL(url);
    this.key = key;
  }

  /** One request; rejects on anything but 200 without errors. */
  async ask<T>(query: string, variables: unknown): Promise<T> {
    const text = await this.post({ query, variables });
    const answer = JSON.parse(text) as { data?: T; errors?: unknown };
    if (answer.errors !== undefined || answer.data === undefined) throw new Error(text.slice(0, 300));
    return answer.data;
  }

  /** The text of the answer; rejects on anything but 200. */
  post(json: unknown): Promise<string> {
    const body = JSON.stringify(json);
    const socket = (this.socket ??= this.open());
    const head = `POST ${this.url.pathname} HTTP/1.1\r\nhost: ${this.url.host}\r\nauthorization: Bearer ${this.key}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n`;
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
      socket.write(head + body);
    });
  }

  close(): void {
    this.socket?.destroy();
  }

  private open(): Socket {
    const socket = connect(Number(this.url.port), this.url.hostname);
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.take(chunk));
    socket.on('error', (error) => this.waiting?.reject(error));
    socket.on('close', () => {
      this.socket = undefined;
      this.waiting?.reject(new Error('the connection was closed'));
    });
    return socket;
  }

  private take(chunk: Buffer): void {
    this.received = this.received.length === 0 ? chunk : Buffer.concat([this.received, chunk]);
    const end = this.received.indexOf(END_OF_HEAD);
    if (end < 0) return;
    const head = this.received.toString('latin1', 0, end);
    const from = end + END_OF_HEAD.length;
    const length = Number(LENGTH.exec(head)?.[1] ?? 0);
    if (this.received.length < from + length) return;
    const body = this.received.toString('utf8', from, from + length);
    this.received = this.received.subarray(from + length);
    const waiting = this.waiting;
    this.waiting = undefined;
    if (head.startsWith('HTTP/1.1 200')) waiting?.resolve(body);
    else waiting?.reject(new Error(`${head.split('\r\n', 1)[0]}: ${body.slice(0, 300)}`));
  }
}
