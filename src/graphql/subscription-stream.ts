import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import { type ExecutionArgs, type GraphQLError, subscribe } from 'graphql';
import { CONFIG, type Config } from '../config/config.js';
import type { Principal } from '../domain/principal.js';
import { EventStream } from './event-stream.js';
import type { HttpInstance, HttpReply, HttpRequest } from './http-types.js';
import { type MaskOptions, maskError } from './mask-errors.js';
import { type PosternError, topError } from './postern-error.js';
import { RequestAuthenticator } from './request-authenticator.js';
import type { GraphqlContext } from './request-context.js';
import { SubscriptionDoors } from './subscription-doors.js';
import { SubscriptionChecker, type SubscriptionRequest } from './subscription-operation.js';
import { asGraphqlError, BoundedResults, maskResult, type SubscriptionResult } from './subscription-results.js';

const PATH = '/graphql/stream';

/**
 * Subscriptions as server-sent events, in the "distinct connections" mode of the GraphQL over SSE
 * protocol: one response per subscription, events `next` and `complete`. Written here because the
 * ready-made handler queues without bound for a client that does not read.
 */
@Injectable()
export class SubscriptionStream implements OnModuleInit {
  private readonly checker: SubscriptionChecker;

  constructor(
    @Inject(CONFIG) private readonly config: Pick<Config, 'explorer'>,
    private readonly adapterHost: HttpAdapterHost,
    schemaHost: GraphQLSchemaHost,
    private readonly authenticator: RequestAuthenticator,
    private readonly doors: SubscriptionDoors,
  ) {
    this.checker = new SubscriptionChecker(() => schemaHost.schema, config.explorer);
  }

  onModuleInit(): void {
    const server = this.adapterHost.httpAdapter.getInstance<HttpInstance>();
    server.route({ method: ['GET', 'POST'], url: PATH, handler: (request, reply) => this.answer(request, reply) });
  }

  private async answer(request: HttpRequest, reply: HttpReply): Promise<unknown> {
    const mask: MaskOptions = { requestId: request.id, hideSuggestions: !this.config.explorer };
    const refuse = (status: number, error: unknown): HttpReply =>
      reply.code(status).send({ errors: [maskError(error, mask)] });

    if (this.doors.isClosing) return refuse(503, topError('SHUTTING_DOWN'));
    if (!acceptsEvents(request.headers.accept)) {
      return refuse(406, topError('BAD_REQUEST', 'The answer is text/event-stream: accept it.'));
    }
    let principal: Principal | undefined;
    try {
      principal = await this.authenticator.authenticate(request.headers.authorization);
    } catch (error) {
      return refuse(503, error);
    }
    if (principal === undefined) return refuse(401, topError('UNAUTHENTICATED'));

    const asked = readRequest(request);
    if (!('query' in asked)) return refuse(400, asked);

    reply.hijack();
    await this.stream(asked, principal, reply, mask);
    return undefined;
  }

  private async stream(
    asked: SubscriptionRequest,
    principal: Principal,
    reply: HttpReply,
    mask: MaskOptions,
  ): Promise<void> {
    const stream = new EventStream(reply.raw, mask.requestId);
    const leave = this.doors.enter({
      principal,
      close: (why) => stream.end(topError(why === 'revoked' ? 'UNAUTHENTICATED' : 'SHUTTING_DOWN')),
      terminate: () => stream.destroy(),
    });
    const value: GraphqlContext = {
      requestId: mask.requestId ?? '',
      principal,
      idempotencyKey: undefined,
      transport: 'sse',
      loaders: new Map(),
    };
    try {
      const results = await this.results(asked, value, stream);
      await stream.deliver(results, (result) => maskResult(result, mask));
    } finally {
      leave();
    }
  }

  /** Refusals come as a result, as the protocol asks for: event sources cannot read other answers. */
  private async results(
    asked: SubscriptionRequest,
    value: GraphqlContext,
    stream: EventStream,
  ): Promise<AsyncGenerator<SubscriptionResult, void, void>> {
    try {
      const checked = this.checker.check(asked, value);
      if (!isArguments(checked)) return single({ errors: checked });
      const results = await subscribe(checked);
      if (!(Symbol.asyncIterator in results)) return single(results);
      return new BoundedResults(results, () => stream.buffered);
    } catch (error) {
      return single({ errors: [asGraphqlError(error)] });
    }
  }
}

async function* single(result: SubscriptionResult): AsyncGenerator<SubscriptionResult, void, void> {
  yield await Promise.resolve(result);
}

function isArguments(checked: ExecutionArgs | readonly GraphQLError[]): checked is ExecutionArgs {
  return 'document' in checked;
}

function acceptsEvents(accept: string | undefined): boolean {
  return accept === undefined || /text\/event-stream|text\/\*|\*\/\*/.test(accept);
}

/** The subscription asked for in the query string or the JSON body. */
function readRequest(request: HttpRequest): SubscriptionRequest | PosternError {
  const source: unknown = request.method === 'GET' ? request.query : request.body;
  if (!isRecord(source)) return topError('BAD_REQUEST', 'The request body must be a JSON object.');
  const { query, operationName, variables } = source;
  if (typeof query !== 'string' || query === '') return topError('BAD_REQUEST', 'query is missing.');
  if (operationName !== undefined && operationName !== null && typeof operationName !== 'string') {
    return topError('BAD_REQUEST', 'operationName must be a string.');
  }
  const values = typeof variables === 'string' ? parseJson(variables) : variables;
  if (values !== undefined && values !== null && !isRecord(values)) {
    return topError('BAD_REQUEST', 'variables must be a JSON object.');
  }
  return { query, operationName, variables: values };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A text that is not JSON comes back as it is, and is refused for not being an object. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
