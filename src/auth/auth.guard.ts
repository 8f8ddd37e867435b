import { type CanActivate, type ExecutionContext, ForbiddenException, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { type GqlContextType, GqlExecutionContext } from '@nestjs/graphql';
import { type Scope, holdsScope } from '../domain/principal.js';
import { topError } from '../graphql/postern-error.js';
import type { GraphqlContext } from '../graphql/request-context.js';
import { IS_PUBLIC } from '../telemetry/public-route.decorator.js';
import { REQUIRED_SCOPE } from './require-scope.decorator.js';

/** Stands before every resolver, whichever door the operation came through, and every REST route. What says nothing is closed. */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const places = [context.getHandler(), context.getClass()];
    if (context.getType<GqlContextType>() !== 'graphql') {
      if (this.reflector.getAllAndOverride<boolean | undefined>(IS_PUBLIC, places) === true) return true;
      throw new ForbiddenException('This route is not public.');
    }
    const { principal } = GqlExecutionContext.create(context).getContext<GraphqlContext>();
    if (principal === undefined) throw topError('UNAUTHENTICATED');
    const scope = this.reflector.getAllAndOverride<Scope | 'ANY' | undefined>(REQUIRED_SCOPE, places);
    if (scope === undefined) throw topError('FORBIDDEN', 'No API key may use this operation.');
    if (scope === 'ANY' || holdsScope(principal, scope)) return true;
    throw topError('FORBIDDEN', `This operation needs the scope ${scope}.`);
  }
}
