import { join } from 'node:path';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { CONFIG, type Config } from '../config/config.js';
import { errorsPage } from './errors-page.js';
import type { HttpInstance, HttpReply, HttpRequest } from './http-types.js';
import { listFiles, type StaticFile } from './static-files.js';

/** Where the build puts the explorer, beside the compiled code. */
const EXPLORER = join(import.meta.dirname, '..', 'explorer');

/**
 * The page may only run what the service itself serves and talk to nobody else. The editor sets
 * styles from code, and 'self' does not cover WebSockets in every browser.
 */
const EXPLORER_CSP = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self' data:",
  "img-src 'self' data:",
  "worker-src 'self' blob:",
  "connect-src 'self' ws: wss:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const ERRORS_CSP = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";

/** The explorer, the schema as text and the page of errors. */
@Injectable()
export class PlatformPages implements OnModuleInit {
  constructor(
    @Inject(CONFIG) private readonly config: Pick<Config, 'explorer'>,
    private readonly adapterHost: HttpAdapterHost,
    private readonly schemaHost: GraphQLSchemaHost,
  ) {}

  onModuleInit(): void {
    const server = this.adapterHost.httpAdapter.getInstance<HttpInstance>();

    let schema: string | undefined;
    server.get('/schema.graphql', (_request, reply) => {
      schema ??= `${printSchema(lexicographicSortSchema(this.schemaHost.schema))}\n`;
      return page(reply, ERRORS_CSP).type('text/plain; charset=utf-8').send(schema);
    });

    const errors = errorsPage();
    server.get('/docs/errors', (_request, reply) =>
      page(reply, ERRORS_CSP).type('text/html; charset=utf-8').send(errors),
    );

    if (this.config.explorer) this.serveExplorer(server);
  }

  private serveExplorer(server: HttpInstance): void {
    const files = listFiles(EXPLORER);
    const index = files.get('index.html');
    const isBuilt = [...files.keys()].some((name) => name.startsWith('assets/'));
    if (index === undefined || !isBuilt) {
      server.get('/graphiql', (_request, reply) =>
        page(reply, ERRORS_CSP)
          .code(503)
          .type('text/plain; charset=utf-8')
          .send('The explorer has not been built: npm run build\n'),
      );
      return;
    }
    const sendIndex = (request: HttpRequest, reply: HttpReply): HttpReply => send(request, reply, index(), 'no-cache');
    server.get('/graphiql', sendIndex);
    server.get('/graphiql/', sendIndex);
    for (const [name, file] of files) {
      if (!name.startsWith('assets/')) continue;
      // Names carry a hash of the content.
      const caching = 'public, max-age=31536000, immutable';
      server.get(`/graphiql/${name}`, (request, reply) => send(request, reply, file(), caching));
    }
  }
}

function send(request: HttpRequest, reply: HttpReply, file: StaticFile, caching: string): HttpReply {
  page(reply, EXPLORER_CSP).header('cache-control', caching).header('vary', 'accept-encoding').type(file.type);
  if (!/\bgzip\b/.test(request.headers['accept-encoding'] ?? '')) return reply.send(file.body);
  return reply.header('content-encoding', 'gzip').send(file.gzipped);
}

function page(reply: HttpReply, policy: string): HttpReply {
  return reply
    .header('content-security-policy', policy)
    .header('x-content-type-options', 'nosniff')
    .header('referrer-policy', 'no-referrer');
}
