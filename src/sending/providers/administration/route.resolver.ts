import { Inject } from '@nestjs/common';
import { Args, Mutation, Query, Resolver } from '@nestjs/graphql';
import { CurrentPrincipal } from '../../../auth/current-principal.decorator.js';
import { RequireScope } from '../../../auth/require-scope.decorator.js';
import type { Principal } from '../../../domain/principal.js';
import { toUserError } from '../../../graphql/user-error.type.js';
import { CONFIGURED_PROVIDERS, type ConfiguredProviders } from '../configured-providers.js';
import { ProviderRepository } from '../provider.repository.js';
import { readStoredRoute } from '../read-stored.js';
import { RouteChanges, routesVersion } from './route-changes.js';
import { SetRoutesInput } from './route.input.js';
import { RouteListType, SetRoutesPayload, toRoute } from './route.type.js';

@Resolver(() => RouteListType)
export class RouteResolver {
  constructor(
    private readonly repository: ProviderRepository,
    private readonly changes: RouteChanges,
    @Inject(CONFIGURED_PROVIDERS) private readonly configured: ConfiguredProviders,
  ) {}

  @RequireScope('OPERATE')
  @Query(() => RouteListType, { description: 'All routes, with the version to change them by.' })
  async routes(): Promise<RouteListType> {
    const { routes: rows } = await this.repository.load();
    const stored = rows.map(readStoredRoute).flatMap((read) => ('value' in read ? read.value : []));
    const { routes, fallback } = this.configured;
    return {
      version: routesVersion(rows),
      nodes: [
        ...routes.map((route) => toRoute(route, 'CONFIGURATION')),
        ...stored.map((route) => toRoute(route, 'API')),
        ...(fallback === undefined ? [] : [toRoute(fallback, 'CONFIGURATION')]),
      ],
    };
  }

  @RequireScope('OPERATE')
  @Mutation(() => SetRoutesPayload, {
    description: 'Replaces all routes that were made by mutation, in one go. Messages that wait take the new ones.',
  })
  async setRoutes(
    @CurrentPrincipal() principal: Principal,
    @Args('input', { description: 'The routes to be.' }) { expectedVersion, routes }: SetRoutesInput,
  ): Promise<SetRoutesPayload> {
    const errors = await this.changes.set(principal, expectedVersion, routes);
    if (errors.length > 0) return { routes: null, userErrors: errors.map(toUserError) };
    return { routes: await this.routes(), userErrors: [] };
  }
}
