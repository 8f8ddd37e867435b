import { type CustomDecorator, SetMetadata } from '@nestjs/common';
import type { Scope } from '../domain/principal.js';

/** Metadata key the guard reads. */
export const REQUIRED_SCOPE = Symbol('REQUIRED_SCOPE');

/** The scope a caller needs for a query, mutation or subscription. The guard refuses resolvers without one. */
export const RequireScope = (scope: Scope): CustomDecorator<symbol> => SetMetadata(REQUIRED_SCOPE, scope);

/** For operations that any valid key may use, whatever its scopes. */
export const RequireAnyScope = (): CustomDecorator<symbol> => SetMetadata(REQUIRED_SCOPE, 'ANY');
