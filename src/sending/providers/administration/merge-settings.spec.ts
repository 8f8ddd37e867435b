import { describe, expect, it } from '@jest/globals';
import { mergeSettings } from './merge-settings.js';

describe('mergeSettings', () => {
  it('replaces what is given, takes out what is null and leaves the rest', () => {
    const before = { host: 'a', port: 25, auth: { user: 'u', password: 'p' } };
    const patch = { host: 'b', port: null, tls: undefined, auth: { user: 'v', password: undefined } };
    expect(mergeSettings(before, patch)).toEqual({ host: 'b', auth: { user: 'v', password: 'p' } });
    expect(mergeSettings(before, { auth: null })).toEqual({ host: 'a', port: 25 });
    expect(before.auth.user).toBe('u');
  });

  it('replaces lists as a whole, and makes JSON of everything', () => {
    const since = new Date('2026-01-31T00:00:00Z');
    const patch = {
      sourceAddresses: [
        { address: '192.0.2.2', warmUpSince: since },
        { address: '::1', warmUpSince: null },
      ],
    };
    expect(mergeSettings({ sourceAddresses: [{ address: '192.0.2.1' }] }, patch)).toEqual({
      sourceAddresses: [{ address: '192.0.2.2', warmUpSince: '2026-01-31T00:00:00.000Z' }, { address: '::1' }],
    });
  });
});
