import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createPlainServer, type Server as NetServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

/** A request as it was read; its body is whole. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * `connect`: before anything is read; `head`: the body is still to be read; `request`: all was read;
 * `answered`: all was done, and only the answer gets lost.
 */
export interface HttpFault {
  readonly at: 'connect' | 'head' | 'request' | 'answered';
  readonly does:
    /** Says nothing, reads nothing more and stays. */
    | 'hang'
    /** RST. */
    | 'reset'
    /** FIN, and closes. */
    | 'fin'
    /** These bytes as they are, then FIN. */
    | { readonly bytes: string }
    /** These bytes, one at a time. */
    | { readonly drip: string; readonly everyMs: number }
    /** A good head, then a body without an end. */
    | { readonly endless: number }
    | Answer;
}

interface Options {
  readonly tls?: { readonly key: string; readonly cert: string };
  readonly fault?: HttpFault;
}

/** An HTTP server on loopback that answers as a provider does, or fails as it is told to. */
export class HttpStandIn {
  /** Every whole request: the truth that an outcome is measured against. */
  readonly received: Received[] = [];
  connections = 0;
  answer: (request: Received) => Answer = () => ({ status: 404, body: '' });
  fault: HttpFault | undefined;
  readonly #sockets = new Set<Socket>();
  readonly #http: Server;
  readonly #listener: NetServer;

  private constructor(private readonly options: Options) {
    this.fault = options.fault;
    this.#http = createHttpServer(
      { keepAliveTimeout: 5000 },
      (request, response) => void this.#serve(request, response),
    );
    const accept = (socket: Socket): void => this.#accept(socket);
    this.#listener = options.tls === undefined ? createPlainServer(accept) : createTlsServer(options.tls, accept);
    this.#listener.on('tlsClientError', () => undefined);
  }

  static async start(options: Options = {}): Promise<HttpStandIn> {
    const standIn = new HttpStandIn(options);
    await new Promise<void>((resolve) => standIn.#listener.listen(0, '127.0.0.1', resolve));
    return standIn;
  }

  get baseUrl(): string {
    const { port } = this.#listener.address() as AddressInfo;
    return `http${this.options.tls === undefined ? '' : 's'}://127.0.0.1:${port}`;
  }

  get open(): number {
    return this.#sockets.size;
  }

  close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => this.#listener.close(() => resolve()));
  }

  #accept(socket: Socket): void {
    this.connections += 1;
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('close', () => this.#sockets.delete(socket));
    if (this.fault?.at === 'connect') this.#fail(socket, this.fault.does);
    else this.#http.emit('connection', socket);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { fault } = this;
    request.on('error', () => undefined);
    if (fault?.at === 'head') return this.#fail(request.socket, fault.does, response);
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return;
    }
    const { method = '', url: path = '', headers } = request;
    const received = { method, path, headers, body: Buffer.concat(chunks) };
    this.received.push(received);
    const answer = fault?.at === 'request' ? undefined : this.answer(received);
    if (fault !== undefined) this.#fail(request.socket, fault.does, response);
    else if (answer !== undefined) send(response, answer);
  }

  #fail(socket: Socket, does: HttpFault['does'], response?: ServerResponse): void {
    if (does === 'hang') return;
    // Over TLS there is no RST to be had; both ends see a connection that just ended.
    if (does === 'reset') setTimeout(() => ('encrypted' in socket ? socket.destroy() : socket.resetAndDestroy()), 20);
    else if (does === 'fin') socket.end(() => socket.destroy());
    else if ('bytes' in does) socket.end(does.bytes);
    else if ('drip' in does) drip(socket, does.drip, does.everyMs);
    else if ('endless' in does) endless(socket, does.endless);
    else if (response !== undefined) send(response, does);
  }
}

function send(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(body);
}

function drip(socket: Socket, text: string, everyMs: number): void {
  let at = 0;
  const timer = setInterval(() => {
    if (at === text.length || !socket.writable) return clearInterval(timer);
    socket.write(text.charAt(at));
    at += 1;
  }, everyMs);
}

function endless(socket: Socket, status: number): void {
  socket.write(`HTTP/1.1 ${status} Whatever\r\ncontent-type: application/json\r\n\r\n{"message":"`);
  const timer = setInterval(() => (socket.writable ? socket.write('x'.repeat(10_000)) : clearInterval(timer)), 1);
}
