import { describe, expect, it } from '@jest/globals';
import { type ApiKeyRequest, checkNewApiKey } from './check-new-api-key.js';

const NOW = new Date('2026-12-03T09:54:33Z');
const BY = { scopes: ['ADMIN'] } as const;
const GOOD: ApiKeyRequest = { name: 'ci', mode: 'TEST', scopes: ['SEND'], expiresAt: undefined };

describe('checkNewApiKey', () => {
  it('has nothing to say about a good request', () => {
    expect(checkNewApiKey(BY, GOOD, NOW)).toEqual([]);
    expect(checkNewApiKey(BY, { ...GOOD, expiresAt: new Date(NOW.getTime() + 1) }, NOW)).toEqual([]);
    expect(checkNewApiKey(BY, { ...GOOD, name: '🔑'.repeat(100) }, NOW)).toEqual([]);
  });

  it.each<[Partial<ApiKeyRequest>, string, string]>([
    [{ name: '' }, 'REQUIRED', 'name'],
    [{ name: '   ' }, 'REQUIRED', 'name'],
    [{ name: 'a\nb' }, 'INVALID_VALUE', 'name'],
    [{ name: 'a\0b' }, 'INVALID_VALUE', 'name'],
    [{ name: '\ud800' }, 'INVALID_VALUE', 'name'],
    [{ name: 'x'.repeat(101) }, 'TOO_LONG', 'name'],
    [{ scopes: [] }, 'REQUIRED', 'scopes'],
    [{ expiresAt: NOW }, 'INVALID_TIME', 'expiresAt'],
  ])('refuses %j', (change, code, path) => {
    expect(checkNewApiKey(BY, { ...GOOD, ...change }, NOW)).toMatchObject([{ code, path: [path] }]);
  });

  it('gives OPERATE only to whom a holder of it gives it', () => {
    const request: ApiKeyRequest = { ...GOOD, scopes: ['OPERATE'] };
    expect(checkNewApiKey(BY, request, NOW)).toMatchObject([{ code: 'INVALID_VALUE', path: ['scopes'] }]);
    expect(checkNewApiKey({ scopes: ['ADMIN', 'OPERATE'] }, request, NOW)).toEqual([]);
  });

  it('tells everything at once', () => {
    expect(checkNewApiKey(BY, { ...GOOD, name: '', scopes: [] }, NOW)).toHaveLength(2);
  });
});
