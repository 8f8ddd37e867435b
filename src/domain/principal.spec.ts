import { expect, it } from '@jest/globals';
import { SCOPES, holdsScope } from './principal.js';
import type { Principal } from './principal.js';

const principal = (...scopes: Principal['scopes']): Principal => ({ tenantId: 't', keyId: 'k', mode: 'TEST', scopes });

it('a principal holds the scopes it was given', () => {
  expect(holdsScope(principal('READ'), 'READ')).toBe(true);
  expect(holdsScope(principal('READ'), 'SEND')).toBe(false);
  expect(holdsScope(principal('READ', 'SEND'), 'ADMIN')).toBe(false);
  expect(holdsScope(principal(), 'READ')).toBe(false);
});

it('ADMIN includes every scope within the tenant, and none beyond it', () => {
  expect(SCOPES.filter((scope) => holdsScope(principal('ADMIN'), scope))).toEqual(['SEND', 'READ', 'ADMIN']);
  expect(holdsScope(principal('OPERATE'), 'OPERATE')).toBe(true);
  expect(holdsScope(principal('OPERATE'), 'ADMIN')).toBe(false);
});
