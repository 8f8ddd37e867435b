import { createHash } from 'node:crypto';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { Pools } from '../../../database/pools.js';
import { Signals } from '../../../database/signals.js';
import type { Transaction } from '../../../database/transaction.js';
import { routeProblems } from '../../../domain/check-routes.js';
import type { Principal } from '../../../domain/principal.js';
import type { Route } from '../../../domain/route.js';
import { type UserError, userError } from '../../../domain/user-error.js';
import { CONFIGURED_PROVIDERS, type ConfiguredProviders } from '../configured-providers.js';
import type { DocumentProblem } from '../document-problem.js';
import { readRoute } from '../provider-document.js';
import { ProviderDirectory } from '../provider-directory.js';
import { ProviderRepository, type RouteRow } from '../provider.repository.js';
import { mergeSettings } from './merge-settings.js';
import { sentence } from './provider-row.js';

const MOST_ROUTES = 500;

/** Replaces the routes that were made by mutation. */
@Injectable()
export class RouteChanges {
  private readonly logger = new Logger(RouteChanges.name);

  constructor(
    private readonly pools: Pools,
    private readonly repository: ProviderRepository,
    private readonly directory: ProviderDirectory,
    private readonly signals: Signals,
    @Inject(CONFIGURED_PROVIDERS) private readonly configured: ConfiguredProviders,
  ) {}

  /** All or nothing, and only where nobody else has changed them meanwhile. */
  async set(by: Principal, expectedVersion: string, given: readonly object[]): Promise<UserError[]> {
    if (given.length > MOST_ROUTES) return [userError('TOO_MANY', ['routes'], `Give at most ${MOST_ROUTES} routes.`)];
    const read = readAll(given);
    if ('errors' in read) return read.errors;
    const { routes } = read;
    const errors = await this.pools.transaction(this.pools.main, async (tx) => {
      await this.repository.lock(tx);
      if (routesVersion(await this.repository.routes(tx)) !== expectedVersion) {
        return [userError('ROUTES_CHANGED', ['expectedVersion'])];
      }
      const problems = await this.problems(tx, routes);
      if (problems.length === 0) await this.repository.replaceRoutes(tx, routes);
      return problems;
    });
    if (errors.length > 0) return errors;
    this.logger.log({ msg: 'routes set', routes: routes.length, byKeyId: by.keyId });
    this.signals.publish('providers');
    await this.directory.reload();
    return [];
  }

  private async problems(tx: Transaction, routes: readonly Route[]): Promise<UserError[]> {
    const names = new Set([...this.configured.providers.map(({ name }) => name), ...(await this.repository.names(tx))]);
    const wanted = routes.flatMap(({ tenantId }) => tenantId ?? []);
    const tenants = await this.repository.knownTenants(tx, wanted);
    const strangers = routes.flatMap(({ tenantId }, i) =>
      tenantId === undefined || tenants.has(tenantId)
        ? []
        : [userError('NOT_FOUND', ['routes', String(i), 'tenantId'], 'There is no such tenant.')],
    );
    const others = routeProblems(routes, names).map(({ kind, path, message }) =>
      userError(kind === 'unknown provider' ? 'NOT_FOUND' : 'INVALID_VALUE', path.map(String), sentence(message)),
    );
    return [...strangers, ...others];
  }
}

/** Of what the list says: the same routes are the same version, whoever made them. */
export function routesVersion(rows: readonly RouteRow[]): string {
  return createHash('sha256').update(JSON.stringify(rows)).digest('base64url').slice(0, 22);
}

function readAll(given: readonly object[]): { routes: Route[] } | { errors: UserError[] } {
  const problems: DocumentProblem[] = [];
  const routes = given.flatMap((route, i) => {
    const read = readRoute(mergeSettings({}, route), ['routes', i]);
    if ('value' in read) return read.value;
    problems.push(...read.problems);
    return [];
  });
  if (problems.length === 0) return { routes };
  return { errors: problems.map(({ code, path, message }) => userError(code, path.map(String), sentence(message))) };
}
