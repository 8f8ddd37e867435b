import {
  Agent as PlainAgent,
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as requestPlain,
} from 'node:http';
import { Agent as TlsAgent, request as requestTls } from 'node:https';
import type { Socket } from 'node:net';
import type { HandOverStage } from '../transport.js';
import { faultCode } from '../smtp/smtp-dial.js';

/** Where and how requests are sent. */
export interface HttpExchangeSettings {
  /** https, as every provider asks for; without it for servers on this machine. */
  readonly secure: boolean;
  /** From asking for a connection to the last byte of the answer. */
  readonly timeoutMs: number;
  /** Connections at once; further requests wait for one. */
  readonly maxConnections: number;
  /** PEM certificates of a private authority, in place of Node's own list. */
  readonly ca?: string | undefined;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  /** Where less time is left than usual. */
  readonly withinMs?: number;
}

/** What the server said. The body is cut at the cap, and where the connection or the time ended. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Our last byte had been written when the answer began; otherwise it never will be. */
  readonly requestComplete: boolean;
}

/** `not_sent`: the server never had the whole request. `unknown`: it may have, and no status came back. */
export type Exchanged =
  | { readonly got: 'answer'; readonly answer: HttpAnswer }
  | { readonly got: 'not_sent'; readonly stage: HandOverStage; readonly note: string }
  | { readonly got: 'unknown'; readonly note: string };

/** The answers read here are a few hundred bytes. */
const MAX_ANSWER_BYTES = 64 * 1024;

/**
 * An idle connection is ended before the server would: a request written to a connection that the
 * server is just closing is in doubt. Servers wait 5 s (Node), 60 s (load balancers of Amazon) or
 * 75 s (nginx) by default, and Node's agent obeys a shorter `Keep-Alive: timeout` besides.
 */
const IDLE_MS = 4000;

/**
 * Requests over kept connections. Redirects are not followed: they would carry the mail and the key
 * to a host that nobody configured.
 *
 * The last byte of the body is held back until all before it has been handed to the system. Without
 * it a server cannot have the request (RFC 9112 section 8), and JSON and multipart are unfinished
 * besides: like the final dot of SMTP it parts "certainly not sent" from "perhaps sent".
 */
export class HttpExchange {
  readonly #agent: PlainAgent;
  readonly #open = new Set<Promise<Exchanged>>();
  #closed = false;

  constructor(private readonly settings: HttpExchangeSettings) {
    const { secure, maxConnections, ca } = settings;
    const kept = { keepAlive: true, maxSockets: maxConnections, maxFreeSockets: maxConnections, timeout: IDLE_MS };
    this.#agent = secure
      ? new TlsAgent({ ...kept, minVersion: 'TLSv1.2', ...(ca === undefined ? {} : { ca }) })
      : new PlainAgent(kept);
  }

  /** Never rejects, and ends by its deadline. */
  send(request: HttpRequest): Promise<Exchanged> {
    if (this.#closed) {
      return Promise.resolve({ got: 'not_sent', stage: 'CONNECT', note: 'the transport has been closed' });
    }
    const exchanged = new Promise<Exchanged>((resolve) => this.#start(request, resolve));
    this.#open.add(exchanged);
    void exchanged.then(() => this.#open.delete(exchanged));
    return exchanged;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#open);
    this.#agent.destroy();
  }

  #start({ method, url, headers, body, withinMs }: HttpRequest, resolve: (exchanged: Exchanged) => void): void {
    const { secure, timeoutMs } = this.settings;
    const length = body === undefined ? {} : { 'content-length': String(body.length) };
    const options = { agent: this.#agent, method, headers: { ...headers, ...length } };
    let request: ClientRequest;
    try {
      request = (secure ? requestTls : requestPlain)(url, options);
    } catch (error) {
      // A setting that cannot be a header or a port: its text may hold the key.
      const note = `the request cannot be made: ${faultCode(error as NodeJS.ErrnoException)}`;
      return resolve({ got: 'not_sent', stage: 'CONNECT', note });
    }
    new OneExchange(request, body, Math.max(0, withinMs ?? timeoutMs), resolve).start();
  }
}

/** One request on its way, and how far it got. */
class OneExchange {
  #stage: HandOverStage = 'CONNECT';
  #settled = false;
  #timer: NodeJS.Timeout | undefined;
  /** What is known should the answer break off; from its headers on. */
  #soFar: (() => Exchanged) | undefined;

  constructor(
    private readonly request: ClientRequest,
    private readonly body: Buffer | undefined,
    private readonly timeoutMs: number,
    private readonly resolve: (exchanged: Exchanged) => void,
  ) {}

  start(): void {
    this.#timer = setTimeout(() => this.#breakOff('timed out'), this.timeoutMs);
    this.request.on('socket', (socket) => this.#follow(socket));
    this.request.on('error', (error) => this.#breakOff(faultCode(error)));
    this.request.on('close', () => this.#breakOff('closed by the provider'));
    this.request.on('response', (response) => this.#read(response));
    const { body } = this;
    if (body === undefined) this.request.end();
    else this.request.write(body.subarray(0, -1), (error) => this.#wroteAllButLast(error, body.subarray(-1)));
  }

  #follow(socket: Socket): void {
    if (this.request.reusedSocket || !socket.connecting) {
      this.#stage = 'BODY';
      return;
    }
    const secure = 'encrypted' in socket;
    socket.once('connect', () => (this.#stage = secure ? 'TLS' : 'BODY'));
    if (secure) socket.once('secureConnect', () => (this.#stage = 'BODY'));
  }

  #wroteAllButLast(error: Error | null | undefined, last: Buffer): void {
    if (error || this.#settled || this.#soFar !== undefined) return;
    this.#stage = 'FINAL_REPLY';
    this.request.end(last);
  }

  #read(response: IncomingMessage): void {
    const { statusCode: status = 0, headers } = response;
    const requestComplete = this.body === undefined || this.#stage === 'FINAL_REPLY';
    const chunks: Buffer[] = [];
    let size = 0;
    this.#soFar = () => {
      const body = Buffer.concat(chunks).subarray(0, MAX_ANSWER_BYTES);
      return { got: 'answer', answer: { status, headers, body, requestComplete } };
    };
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > MAX_ANSWER_BYTES) this.#breakOff('the answer is too long');
    });
    response.on('error', () => this.#breakOff('broken off'));
    response.on('end', () => {
      if (requestComplete) this.#settle(this.#soFar?.());
      else this.#breakOff('answered early');
    });
  }

  #breakOff(note: string): void {
    if (this.#settled) return;
    const stage = this.#stage;
    const broken: Exchanged = stage === 'FINAL_REPLY' ? { got: 'unknown', note } : { got: 'not_sent', stage, note };
    this.#settle(this.#soFar?.() ?? broken);
    this.request.destroy();
  }

  #settle(exchanged: Exchanged | undefined): void {
    if (this.#settled || exchanged === undefined) return;
    this.#settled = true;
    clearTimeout(this.#timer);
    this.resolve(exchanged);
  }
}
