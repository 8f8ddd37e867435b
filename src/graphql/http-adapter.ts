import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { GraphQLFormattedError } from 'graphql';
import type { Config } from '../config/config.js';
import type { ErrorCode } from '../domain/user-error.js';
import type { HttpInstance, HttpReply, HttpRequest } from './http-types.js';
import { maskError } from './mask-errors.js';
import { topError } from './postern-error.js';
import { withRequestId } from './request-scope.js';

/** An id a caller may choose itself: it is logged and answered, so it is kept short and plain. */
const CALLERS_ID = /^[A-Za-z0-9][A-Za-z0-9_.:-]{7,127}$/;

/** A request that is not read completely by then is dropped; 32 MiB take 43 s at 6 Mbit/s. */
const REQUEST_TIMEOUT_MS = 60_000;

const LINGER_MS = 5000;

/** Longer than the idle time of common load balancers (60 s), so that they close first. */
const KEEP_ALIVE_MS = 65_000;

/** The HTTP server the service runs on. */
export function createHttpAdapter(config: Pick<Config, 'maxRequestBytes'>): FastifyAdapter {
  const adapter = new GraphqlShapedAdapter({
    bodyLimit: config.maxRequestBytes,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: 'idle',
    requestIdHeader: false,
    // GraphQL refuses fields it does not know, __proto__ among them; a second look costs 3 % of a request.
    onProtoPoisoning: 'ignore',
    onConstructorPoisoning: 'ignore',
    genReqId: (request: IncomingMessage) => requestIdOf(request.headers['x-request-id']),
    logger: false,
  });
  const instance = adapter.getInstance<HttpInstance>();
  instance.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id);
    done();
  });
  // Not earlier: reading the body leaves the asynchronous context the request began in.
  instance.addHook('preHandler', (request, _reply, done) => withRequestId(request.id, done));
  return adapter;
}

/** The caller's own id when it is sane, else a new one. */
function requestIdOf(header: string | string[] | undefined): string {
  return typeof header === 'string' && CALLERS_ID.test(header) ? header : randomUUID();
}

/** Answers what goes wrong before GraphQL is reached in the form GraphQL clients understand. */
class GraphqlShapedAdapter extends FastifyAdapter {
  override setErrorHandler(handler: Parameters<HttpInstance['setErrorHandler']>[0]): HttpInstance {
    return super.setErrorHandler(function answer(error, request, reply) {
      if (!isGraphqlPath(request.url)) return handler.call(this, error, request, reply);
      return sendError(error, request, reply);
    }) as HttpInstance;
  }
}

function isGraphqlPath(url: string): boolean {
  return /^\/graphql(?:\/|\?|$)/.test(url);
}

function sendError(error: unknown, request: HttpRequest, reply: HttpReply): HttpReply {
  const status = statusOf(error);
  const code = BY_STATUS.get(status) ?? (status < 500 ? 'BAD_REQUEST' : undefined);
  const meant = code === undefined ? error : topError(code, MESSAGES.get(status));
  const body: { errors: GraphQLFormattedError[] } = {
    errors: [maskError(meant, { requestId: request.id, hideSuggestions: true })],
  };
  if (status === 413) linger(request, reply);
  return reply.code(status).type('application/json; charset=utf-8').send(JSON.stringify(body));
}

/**
 * Throws the rest of a body that is too large away for a while: closed at once, with bytes unread, the
 * connection is reset, and the client sees that instead of the answer.
 */
function linger({ raw }: HttpRequest, reply: HttpReply): void {
  void reply.removeHeader('connection');
  raw.resume();
  const timer = setTimeout(() => raw.socket.destroy(), LINGER_MS).unref();
  raw.once('close', () => clearTimeout(timer));
}

function statusOf(error: unknown): number {
  const status = typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' && status >= 400 && status < 600 ? status : 500;
}

const BY_STATUS = new Map<number, ErrorCode>([
  [413, 'PAYLOAD_TOO_LARGE'],
  [503, 'SHUTTING_DOWN'],
]);

const MESSAGES = new Map<number, string>([
  [400, 'The request body is not valid JSON.'],
  [415, 'The request body must be application/json.'],
]);
