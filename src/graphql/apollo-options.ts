import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { Logger } from '@nestjs/common';
import type { BuildSchemaOptions } from '@nestjs/graphql';
import type { Config } from '../config/config.js';
import { idempotencyKeyPlugin, noSubscriptionsPlugin, statusPlugin } from './apollo-plugins.js';
import { DateTime } from './date-time.scalar.js';
import { httpContext } from './http-context.js';
import type { HttpRequest } from './http-types.js';
import type { KnownOperations } from './known-operations.js';
import { limitsRule, MAX_TOKENS } from './limits.rule.js';
import { maskError } from './mask-errors.js';
import type { RequestAuthenticator } from './request-authenticator.js';
import { currentRequestId } from './request-scope.js';
import { describeRootTypes } from './root-types.js';

/** How classes become a schema, the same for serving and for printing it. */
export const BUILD_SCHEMA_OPTIONS: BuildSchemaOptions = { scalarsMap: [{ type: Date, scalar: DateTime }] };

/**
 * Apollo on Fastify. Reporting is switched off by name because an APOLLO_KEY in the environment
 * would switch it on; batching and persisted queries are off because both widen what one request
 * may do and neither is faster here.
 */
export function apolloOptions(
  config: Pick<Config, 'explorer'>,
  authenticator: RequestAuthenticator,
  operations: KnownOperations,
): ApolloDriverConfig {
  const hideSuggestions = !config.explorer;
  return {
    driver: ApolloDriver,
    path: '/graphql',
    autoSchemaFile: true,
    sortSchema: true,
    transformSchema: describeRootTypes,
    buildSchemaOptions: BUILD_SCHEMA_OPTIONS,
    graphiql: false,
    introspection: config.explorer,
    csrfPrevention: true,
    persistedQueries: false,
    allowBatchedHttpRequests: false,
    includeStacktraceInErrorResponses: false,
    hideSchemaDetailsFromClientErrors: hideSuggestions,
    parseOptions: { maxTokens: MAX_TOKENS },
    validationRules: [limitsRule],
    autoTransformHttpErrors: false,
    formatError: (_formatted, error) => maskError(error, { requestId: currentRequestId(), hideSuggestions }),
    logger: apolloLogger,
    plugins: [
      ApolloServerPluginUsageReportingDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginCacheControlDisabled(),
      noSubscriptionsPlugin,
      idempotencyKeyPlugin,
      statusPlugin,
      operations.plugin,
    ],
    context: (request: HttpRequest) => httpContext(request, authenticator),
  };
}

const log = new Logger('Apollo');
const apolloLogger = {
  debug: (): void => undefined,
  info: (): void => undefined,
  warn: (message: unknown): void => log.warn(String(message)),
  error: (message: unknown): void => log.error(String(message)),
};
