import { Global, HttpException, Module } from '@nestjs/common';
import { APP_FILTER, NestFactory } from '@nestjs/core';
import { Args, Context, Field, Int, Mutation, ObjectType, Query, Resolver, Subscription } from '@nestjs/graphql';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ConfigModule } from '../../../src/config/config.module.js';
import { type Config, configSchema } from '../../../src/config/config.js';
import { UnknownCommitOutcome } from '../../../src/database/unknown-commit-outcome.js';
import type { Principal } from '../../../src/domain/principal.js';
import { Cursor } from '../../../src/graphql/cursor.scalar.js';
import { ExceptionFilter } from '../../../src/graphql/exception.filter.js';
import { PosternGraphqlModule } from '../../../src/graphql/graphql.module.js';
import { createHttpAdapter } from '../../../src/graphql/http-adapter.js';
import { topError } from '../../../src/graphql/postern-error.js';
import { RequestAuthenticator } from '../../../src/graphql/request-authenticator.js';
import type { GraphqlContext } from '../../../src/graphql/request-context.js';

export const SECRET = 'secret of ada@example.com password=hunter2';

/** What the resolvers of the test saw and did. */
export const seen = {
  sent: 0,
  idempotencyKeys: [] as (string | undefined)[],
  openSources: 0,
  flooded: 0,
  valid: true,
  down: false,
};

@ObjectType({ description: 'A thing with more of its kind inside.' })
class Thing {
  @Field(() => Int)
  n: number;

  @Field(() => Cursor)
  cursor: string;

  @Field(() => String)
  text: string;

  @Field(() => Thing)
  child: Thing;

  @Field(() => [Thing])
  things: Thing[];
}

@ObjectType({ description: 'A page of things.' })
class ThingConnection {
  @Field(() => [Thing])
  nodes: Thing[];
}

function thing(n: number, size = 1): Thing {
  return {
    n,
    cursor: `c${n}`,
    text: 'x'.repeat(size),
    get child() {
      return thing(n + 1);
    },
    get things() {
      return [thing(n + 1), thing(n + 2)];
    },
  };
}

const FAULTS: Record<string, () => Error> = {
  plain: () => new Error(SECRET),
  postern: () => topError('RATE_LIMITED', undefined, { retryAfter: 7 }),
  forbidden: () => new HttpException('no', 403),
  refused: () => Object.assign(new Error(SECRET), { code: 'ECONNREFUSED' }),
  diskFull: () => Object.assign(new Error(SECRET), { code: '53100' }),
  unknownCommit: () => new UnknownCommitOutcome(new Error(SECRET)),
  terminated: () => new Error('Connection terminated unexpectedly'),
};

/** Endless things; its return() must be called whatever becomes of the subscriber. */
function source(next: (n: number) => Promise<IteratorResult<Thing>>): AsyncIterableIterator<Thing> {
  seen.openSources += 1;
  let n = 0;
  let isOpen = true;
  const close = (): void => {
    if (isOpen) seen.openSources -= 1;
    isOpen = false;
  };
  return {
    next: async () => {
      if (!isOpen) return { done: true, value: undefined };
      try {
        const step = await next((n += 1));
        if (step.done === true) close();
        return step;
      } catch (error) {
        close();
        throw error;
      }
    },
    return: async () => {
      close();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

@Resolver()
class EdgeResolver {
  @Query(() => String)
  hello(@Context() context: GraphqlContext): string {
    return `${context.principal?.keyId ?? 'nobody'} ${context.requestId} ${context.transport}`;
  }

  @Query(() => Thing)
  thing(): Thing {
    return thing(0);
  }

  @Query(() => ThingConnection)
  page(@Args('first', { type: () => Int, nullable: true }) first?: number): ThingConnection {
    return { nodes: Array.from({ length: first ?? 1 }, (_, n) => thing(n)) };
  }

  @Query(() => String, { nullable: true })
  fail(@Args('how') how: string): string {
    throw FAULTS[how]?.() ?? new Error(how);
  }

  @Query(() => Date)
  when(@Args('at') at: Date): Date {
    return at;
  }

  @Mutation(() => Int)
  send(@Context() context: GraphqlContext): number {
    seen.idempotencyKeys.push(context.idempotencyKey);
    return (seen.sent += 1);
  }

  @Subscription(() => Thing, { resolve: (value: Thing) => value })
  ticks(@Args('count', { type: () => Int }) count: number): AsyncIterableIterator<Thing> {
    return source(async (n) => (n > count ? { done: true, value: undefined } : { done: false, value: thing(n) }));
  }

  @Subscription(() => Thing, { resolve: (value: Thing) => value })
  quiet(): AsyncIterableIterator<Thing> {
    return source(() => new Promise(() => undefined));
  }

  @Subscription(() => Thing, { resolve: (value: Thing) => value })
  flood(): AsyncIterableIterator<Thing> {
    return source(async (n) => {
      seen.flooded += 1;
      return { done: false, value: thing(n, 600_000) };
    });
  }

  @Subscription(() => Thing, { resolve: (value: Thing) => value })
  breaks(@Args('how') how: string): AsyncIterableIterator<Thing> {
    return source(async (n) => {
      if (n > 1) throw FAULTS[how]?.() ?? topError('SLOW_CONSUMER', undefined, { cursor: 'c1' });
      return { done: false, value: thing(n) };
    });
  }
}

class TestAuthenticator extends RequestAuthenticator {
  async authenticate(authorization: string | undefined): Promise<Principal | undefined> {
    if (seen.down) throw Object.assign(new Error(SECRET), { code: 'ECONNREFUSED' });
    if (authorization !== 'Bearer good') return undefined;
    return { tenantId: 't', keyId: 'k1', mode: 'TEST', scopes: ['ADMIN'] };
  }

  async isStillValid(): Promise<boolean> {
    return seen.valid;
  }
}

@Global()
@Module({
  providers: [{ provide: RequestAuthenticator, useClass: TestAuthenticator }],
  exports: [RequestAuthenticator],
})
class TestAuthModule {}

export interface EdgeApp {
  readonly app: NestFastifyApplication;
  readonly url: string;
  readonly wsUrl: string;
  post(body: unknown, headers?: Record<string, string>): Promise<Response>;
}

/** The GraphQL edge on a small schema of its own, without a database. */
export async function startEdge(settings: Partial<Config> = {}): Promise<EdgeApp> {
  const config = { ...configSchema.parse({}), ...settings };
  @Module({
    imports: [ConfigModule.of(config), TestAuthModule, PosternGraphqlModule],
    providers: [EdgeResolver, { provide: APP_FILTER, useClass: ExceptionFilter }],
  })
  class EdgeModule {}

  const app = await NestFactory.create<NestFastifyApplication>(EdgeModule, createHttpAdapter(config), {
    logger: false,
    abortOnError: false,
  });
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  return {
    app,
    url,
    wsUrl: `${url.replace('http', 'ws')}/graphql`,
    post: (body, headers = {}) =>
      fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: 'Bearer good', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
  };
}
