import { GraphQLError } from 'graphql';
import { ERRORS } from '../domain/user-error.js';
import { classifyFault } from './classify-fault.js';
import type { HttpRequest } from './http-types.js';
import type { RequestAuthenticator } from './request-authenticator.js';
import type { GraphqlContext } from './request-context.js';

/** The context while it is still being completed: the document is read after the headers. */
export type HttpContext = { -readonly [K in keyof GraphqlContext]: GraphqlContext[K] };

/** The context of an operation that came as an HTTP request. */
export async function httpContext(request: HttpRequest, authenticator: RequestAuthenticator): Promise<HttpContext> {
  let principal: GraphqlContext['principal'];
  try {
    principal = await authenticator.authenticate(request.headers.authorization);
  } catch (error) {
    // Apollo answers 500 to a context that cannot be made; a database that is away is a 503.
    const status = classifyFault(error) === 'UNAVAILABLE' ? 503 : 500;
    const originalError = error instanceof Error ? error : new Error(String(error));
    throw new GraphQLError(ERRORS.INTERNAL.when, { originalError, extensions: { http: { status } } });
  }
  return { requestId: request.id, principal, idempotencyKey: undefined, transport: 'http', loaders: new Map() };
}
