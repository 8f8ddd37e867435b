import type { ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ExecutionContextHost } from '@nestjs/core/internal';
import { describe, expect, it } from '@jest/globals';
import type { Principal, Scope } from '../domain/principal.js';
import { PublicRoute } from '../telemetry/public-route.decorator.js';
import { AuthGuard } from './auth.guard.js';
import { RequireAnyScope, RequireScope } from './require-scope.decorator.js';

class Doors {
  @RequireScope('SEND')
  send(): void {}
  @RequireScope('ADMIN')
  admin(): void {}
  @RequireAnyScope()
  any(): void {}
  forgotten(): void {}
  @PublicRoute()
  health(): void {}
}

const guard = new AuthGuard(new Reflector());
const holder = (...scopes: Scope[]): Principal => ({ tenantId: 't', keyId: 'k', mode: 'TEST', scopes });

function at(type: 'graphql' | 'http', door: keyof Doors, principal?: Principal): ExecutionContext {
  const context = new ExecutionContextHost([undefined, {}, { principal }, {}], Doors, Doors.prototype[door]);
  context.setType(type);
  return context as ExecutionContext;
}

describe('AuthGuard', () => {
  it.each<[keyof Doors, Scope[]]>([
    ['send', ['SEND']],
    ['send', ['ADMIN']],
    ['admin', ['ADMIN']],
    ['any', ['READ']],
    ['any', []],
  ])('opens %s to %j', (door, scopes) => {
    expect(guard.canActivate(at('graphql', door, holder(...scopes)))).toBe(true);
  });

  it.each<[keyof Doors, Scope[]]>([
    ['send', ['READ']],
    ['send', []],
    ['admin', ['SEND', 'READ']],
    ['forgotten', ['ADMIN']],
    ['health', ['ADMIN']],
  ])('refuses %s to %j', (door, scopes) => {
    const ask = (): boolean => guard.canActivate(at('graphql', door, holder(...scopes)));
    expect(ask).toThrow(expect.objectContaining({ code: 'FORBIDDEN' }));
  });

  it.each<keyof Doors>(['send', 'any', 'forgotten', 'health'])('refuses %s to nobody', (door) => {
    expect(() => guard.canActivate(at('graphql', door))).toThrow(expect.objectContaining({ code: 'UNAUTHENTICATED' }));
  });

  it('opens only REST routes that say they are public', () => {
    expect(guard.canActivate(at('http', 'health'))).toBe(true);
    expect(() => guard.canActivate(at('http', 'any', holder('ADMIN')))).toThrow('not public');
  });
});
