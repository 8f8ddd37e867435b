import type { IncomingMessage, ServerResponse } from 'node:http';
import { RequestMethod } from '@nestjs/common';
import type { Params } from 'nestjs-pino';
import { pino } from 'pino';
import type { Config } from '../config/config.js';
import { describeError, scrub } from './scrub.js';

/** Asked every few seconds by balancers and scrapers. */
const QUIET_PATHS = new Set(['/livez', '/readyz', '/startupz', '/metrics']);

/** Never logged, should anybody pass it by mistake. */
const SECRETS = ['authorization', 'cookie', 'headers', 'body', 'password', 'secret', 'apiKey', 'variables', 'subject'];

/**
 * One JSON line each on stderr; stdout belongs to the ready line. A request that went well is a
 * debug line: with one at info an acceptance costs 13 % more.
 */
export function logOptions(config: Pick<Config, 'logLevel'>): Params {
  const options: pino.LoggerOptions = {
    level: config.logLevel,
    base: { pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }), log: scrubTexts },
    serializers: { err: (error: unknown) => describeError(error) },
    redact: { paths: SECRETS.flatMap((name) => [name, `*.${name}`]), censor: '…' },
    hooks: {
      logMethod(args, method) {
        const scrubbed = args.map((arg: unknown) => (typeof arg === 'string' ? scrub(arg) : arg));
        method.apply(this, scrubbed as typeof args);
      },
    },
  };
  return {
    // nestjs-pino's own default matches nothing under the Fastify adapter.
    forRoutes: ['{*splat}'],
    // A line of its own for each acceptance costs 10 % of it; faults of GraphQL are logged where they are masked.
    exclude: [{ method: RequestMethod.POST, path: 'graphql' }],
    pinoHttp: {
      logger: pino(options, pino.destination({ dest: 2, sync: false })),
      // Unwrapped: the standard serializers would copy every header first.
      wrapSerializers: false,
      serializers: { req: describeRequest, res: describeResponse, err: (error: unknown) => describeError(error) },
      autoLogging: { ignore: (request) => QUIET_PATHS.has(pathOf(request)) },
      // The status says it; without this an error is invented and logged with its stack trace.
      customErrorObject: (_request, response, error, value: Record<string, unknown>) =>
        response.err === undefined ? { ...value, err: undefined } : { ...value, err: error },
      customLogLevel: (_request, response, error) =>
        error !== undefined || response.statusCode >= 500 ? 'error' : response.statusCode >= 400 ? 'warn' : 'debug',
    },
  };
}

type RawRequest = IncomingMessage & { readonly originalUrl?: string };

/** While a middleware runs, `url` lacks the part its route has matched. */
function pathOf(request: RawRequest): string {
  return request.originalUrl ?? request.url ?? '';
}

/** No headers, no query string, no address of the peer. */
function describeRequest(request: RawRequest): Record<string, unknown> {
  const [path] = pathOf(request).split('?', 1);
  return { id: request.id, method: request.method, path };
}

function describeResponse(response: ServerResponse): Record<string, unknown> {
  return { status: response.statusCode };
}

/** `err` has its serializer, which comes after this. */
function scrubTexts(fields: Record<string, unknown>): Record<string, unknown> {
  const clean: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) clean[name] = name === 'err' ? value : scrubValue(value);
  return clean;
}

function scrubValue(value: unknown): unknown {
  if (typeof value === 'string') return scrub(value);
  return value instanceof Error ? describeError(value) : value;
}
