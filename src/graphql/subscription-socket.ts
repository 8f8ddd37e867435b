import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import type { ExecutionArgs, GraphQLError } from 'graphql';
import { CloseCode, type Context, handleProtocols, makeServer, type Server, type SubscribePayload } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { CONFIG, type Config } from '../config/config.js';
import type { Principal } from '../domain/principal.js';
import { describeFault } from './describe-fault.js';
import { type MaskOptions, maskError } from './mask-errors.js';
import { topError } from './postern-error.js';
import { RequestAuthenticator } from './request-authenticator.js';
import type { GraphqlContext } from './request-context.js';
import { SubscriptionDoors } from './subscription-doors.js';
import { SubscriptionChecker } from './subscription-operation.js';
import { BoundedResults, MAX_BUFFERED, maskResult } from './subscription-results.js';

const PATH = '/graphql';
const MAX_PAYLOAD = 64 * 1024;
const INIT_WITHIN_MS = 3000;
const PING_EVERY_MS = 12_000;
const TRY_AGAIN_LATER = 1013;

/** What is known about one socket. */
interface Connection {
  readonly socket: WebSocket;
  readonly request: IncomingMessage;
  principal: Principal | undefined;
  /** Request ids of the subscriptions under way, by the client's id. */
  readonly requestIds: Map<string, string>;
  leave: (() => void) | undefined;
}

type SocketContext = Context<Record<string, unknown>, Connection>;

/**
 * Subscriptions over WebSocket (graphql-transport-ws). Built on the protocol handler itself: the
 * framework's wiring leaks raw error messages, runs mutations past the limits and reads 60 MB
 * before it asks who is there.
 */
@Injectable()
export class SubscriptionSocket implements OnApplicationBootstrap {
  private readonly logger = new Logger(SubscriptionSocket.name);
  private readonly checker: SubscriptionChecker;
  private readonly sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_PAYLOAD,
    perMessageDeflate: false,
    handleProtocols,
  });
  private readonly protocol: Server<Connection>;

  constructor(
    @Inject(CONFIG) private readonly config: Pick<Config, 'explorer' | 'maxSubscriptionsPerSocket'>,
    private readonly adapterHost: HttpAdapterHost,
    schemaHost: GraphQLSchemaHost,
    private readonly authenticator: RequestAuthenticator,
    private readonly doors: SubscriptionDoors,
  ) {
    this.checker = new SubscriptionChecker(() => schemaHost.schema, config.explorer);
    this.protocol = makeServer<Record<string, unknown>, Connection>({
      connectionInitWaitTimeout: INIT_WITHIN_MS,
      onConnect: (context) => this.admit(context),
      onSubscribe: (context, id, payload) => this.start(context, id, payload),
      onOperation: (context, _id, _payload, _args, result) =>
        Symbol.asyncIterator in result ? new BoundedResults(result, () => context.extra.socket.bufferedAmount) : result,
      onNext: (context, id, _payload, _args, result) => maskResult(result, this.maskFor(context, id)),
      onError: (context, id, _payload, errors) => errors.map((error) => maskError(error, this.maskFor(context, id))),
      onComplete: (context, id) => void context.extra.requestIds.delete(id),
    });
  }

  onApplicationBootstrap(): void {
    const server = this.adapterHost.httpAdapter.getHttpServer() as NodeJS.EventEmitter;
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      this.upgrade(request, socket, head);
    });
  }

  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const onError = (): void => void socket.destroy();
    socket.on('error', onError);
    const path = request.url?.split('?', 1)[0];
    if (path !== PATH) return refuse(socket, '404 Not Found');
    if (this.doors.isClosing) return refuse(socket, '503 Service Unavailable');
    this.sockets.handleUpgrade(request, socket, head, (opened) => {
      socket.off('error', onError);
      this.open(opened, request);
    });
  }

  private open(socket: WebSocket, request: IncomingMessage): void {
    const connection: Connection = { socket, request, principal: undefined, requestIds: new Map(), leave: undefined };
    // A frame that is too large or malformed: the socket closes itself with the right code.
    socket.on('error', () => undefined);
    const stopPinging = keepAlive(socket);
    const closed = this.protocol.opened(
      {
        protocol: socket.protocol,
        send: (data) => send(socket, data),
        close: (code, reason) => socket.close(code, reason),
        onMessage: (handle) => {
          socket.on('message', (data: Buffer) => {
            handle(String(data)).catch((error: unknown) => this.fail(socket, error));
          });
        },
      },
      connection,
    );
    socket.once('close', (code, reason) => {
      stopPinging();
      connection.leave?.();
      closed(code, String(reason)).catch((error: unknown) => this.fail(socket, error));
    });
  }

  /** Answers false for a credential that names nobody: the socket is then closed with 4403. */
  private async admit({ connectionParams, extra }: SocketContext): Promise<boolean> {
    const given = connectionParams?.['authorization'] ?? connectionParams?.['Authorization'];
    const authorization = typeof given === 'string' ? given : extra.request.headers.authorization;
    const principal = await this.authenticator.authenticate(authorization);
    if (principal === undefined) return false;
    extra.principal = principal;
    if (extra.socket.readyState === extra.socket.OPEN) extra.leave = this.watch(extra.socket, principal);
    return true;
  }

  private watch(socket: WebSocket, principal: Principal): () => void {
    return this.doors.enter({
      principal,
      close: (why) =>
        why === 'revoked' ? socket.close(CloseCode.Forbidden, 'Forbidden') : socket.close(1001, 'Going away'),
      terminate: () => socket.terminate(),
    });
  }

  private start(
    context: SocketContext,
    id: string,
    payload: SubscribePayload,
  ): ExecutionArgs | readonly GraphQLError[] {
    const { requestIds, principal } = context.extra;
    const requestId = randomUUID();
    requestIds.set(id, requestId);
    const limit = this.config.maxSubscriptionsPerSocket;
    if (Object.keys(context.subscriptions).length > limit) {
      return [topError('RATE_LIMITED', `A socket carries at most ${limit} subscriptions.`)];
    }
    const value: GraphqlContext = {
      requestId,
      principal,
      idempotencyKey: undefined,
      transport: 'ws',
      loaders: new Map(),
    };
    return this.checker.check(payload, value);
  }

  private maskFor(context: SocketContext, id: string): MaskOptions {
    return { requestId: context.extra.requestIds.get(id), hideSuggestions: !this.config.explorer };
  }

  private fail(socket: WebSocket, error: unknown): void {
    if (socket.readyState !== socket.OPEN) return;
    this.logger.error({ msg: 'socket failed', fault: describeFault(error) });
    socket.close(TRY_AGAIN_LATER, 'Try again later');
  }
}

/**
 * Waits until the frame has left: the next event of a subscription is only asked for then. Fails
 * once the socket is gone, or a source that is always ready would keep the process from noticing.
 */
function send(socket: WebSocket, data: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const gone = (): void => reject(topError('UNAVAILABLE', 'The socket is closed.'));
    if (socket.readyState !== socket.OPEN) return gone();
    // Somebody who keeps asking without ever reading the answers.
    if (socket.bufferedAmount > 4 * MAX_BUFFERED) socket.terminate();
    socket.send(data, (error) => (error ? gone() : resolve()));
  });
}

/** Cuts off a peer that has not answered by the next ping. */
function keepAlive(socket: WebSocket): () => void {
  let alive = true;
  socket.on('pong', () => (alive = true));
  const timer = setInterval(() => {
    if (!alive) return socket.terminate();
    alive = false;
    socket.ping();
  }, PING_EVERY_MS);
  return () => clearInterval(timer);
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
