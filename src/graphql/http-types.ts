import type { FastifyAdapter } from '@nestjs/platform-fastify';

// Fastify is the adapter's dependency, not ours: its types are taken from there.
type Types<A> =
  A extends FastifyAdapter<infer _Server, infer _Raw, infer _RawReply, infer Request, infer Reply, infer Instance>
    ? { request: Request; reply: Reply; instance: Instance }
    : never;

export type HttpRequest = Types<FastifyAdapter>['request'];
export type HttpReply = Types<FastifyAdapter>['reply'];
export type HttpInstance = Types<FastifyAdapter>['instance'];
