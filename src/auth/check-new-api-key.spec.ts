import { describe, expect, it } from '@jest/globals';
import { type ApiKeyRequest, checkNewApiKey } from './check-new-api-key.js';

const NOW = new Date('2026-12-03T09:54:33Z');
const GOOD: ApiKeyRequest = { name: 'ci', mode: 'TEST', scopes: ['SEND'], expiresAt: undefined };

describe('checkNewApiKey', () => {
  it('has nothing to say about a good request', () => {
    expect(checkNewApiKey(GOOD, NOW)).toEqual([]);
    expect(checkNewApiKey({ ...GOOD, expiresAt: new Date(NOW.getTime() + 1) }, NOW)).toEqual([]);
    expect(checkNewApiKey({ ...GOOD, name: '🔑'.repeat(100) }, NOW)).toEqual([]);
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
    expect(checkNewApiKey({ ...GOOD, ...change }, NOW)).toMatchObject([{ code, path: [path] }]);
  });

  it('tells everything at once', () => {
    expect(checkNewApiKey({ ...GOOD, name: '', scopes: [] }, NOW)).toHaveLength(2);
  });
});
