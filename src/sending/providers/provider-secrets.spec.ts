import { describe, expect, it } from '@jest/globals';
import type { MadeKind } from '../../domain/provider.js';
import { joinSecrets, splitSecrets } from './provider-secrets.js';

describe('splitSecrets', () => {
  it.each<[MadeKind, Record<string, unknown>, Record<string, string>]>([
    ['SMTP', { host: 'h', auth: { user: 'u', password: 'S1' } }, { 'auth.password': 'S1' }],
    ['SMTP', { host: 'h', auth: { user: 'u', method: 'XOAUTH2', accessToken: 'S1' } }, { 'auth.accessToken': 'S1' }],
    [
      'SES',
      { region: 'r', accessKeyId: 'a', secretAccessKey: 'S1', sessionToken: 'S2' },
      { secretAccessKey: 'S1', sessionToken: 'S2' },
    ],
    ['MAILGUN', { domain: 'd', apiKey: 'S1' }, { apiKey: 'S1' }],
    ['RESEND', { apiKey: 'S1' }, { apiKey: 'S1' }],
    ['DIRECT', { ehloName: 'mx.test' }, {}],
    ['SMTP', { host: 'h' }, {}],
  ])('takes out of %s what is secret, and joinSecrets puts it back', (kind, settings, secrets) => {
    const split = splitSecrets(kind, settings);
    expect(split.secrets).toEqual(secrets);
    expect(JSON.stringify(split.open)).not.toMatch(/S\d/);
    expect(joinSecrets(split.open, split.secrets)).toEqual(settings);
  });
});
