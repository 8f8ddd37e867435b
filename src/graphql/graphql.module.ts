import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { Module } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { GraphQLModule } from '@nestjs/graphql';
import { CONFIG, type Config } from '../config/config.js';
import { apolloOptions } from './apollo-options.js';
import type { HttpInstance } from './http-types.js';
import { KnownOperations } from './known-operations.js';
import { PlatformPages } from './platform-pages.js';
import { RequestAuthenticator } from './request-authenticator.js';
import { SubscriptionDoors } from './subscription-doors.js';
import { SubscriptionSocket } from './subscription-socket.js';
import { SubscriptionStream } from './subscription-stream.js';

/** The GraphQL edge: HTTP, WebSocket, event stream. RequestAuthenticator comes from a global module. */
@Module({
  imports: [
    GraphQLModule.forRootAsync<ApolloDriverConfig>({
      driver: ApolloDriver,
      inject: [CONFIG, RequestAuthenticator, HttpAdapterHost],
      useFactory: (config: Config, authenticator: RequestAuthenticator, { httpAdapter }: HttpAdapterHost) => {
        const operations = new KnownOperations(authenticator, !config.explorer);
        operations.serve(httpAdapter.getInstance<HttpInstance>());
        return apolloOptions(config, authenticator, operations);
      },
    }),
  ],
  providers: [SubscriptionDoors, SubscriptionSocket, SubscriptionStream, PlatformPages],
  exports: [SubscriptionDoors],
})
export class PosternGraphqlModule {}
