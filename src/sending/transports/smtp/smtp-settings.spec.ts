import { describe, expect, it } from '@jest/globals';
import { configSchema } from '../../../config/config.js';
import { smtpSettingsFrom } from './smtp-settings.js';

const settings = (smtpUrl: string, more: Record<string, string> = {}) =>
  smtpSettingsFrom(configSchema.parse({ smtpUrl, ...more }));

describe('smtpSettingsFrom', () => {
  it('gives nothing without a relay', () => {
    expect(smtpSettingsFrom(configSchema.parse({}))).toBeUndefined();
  });

  it.each([
    ['smtp://relay.test', { host: 'relay.test', port: 25, secure: false, tls: 'opportunistic', auth: undefined }],
    [
      'smtp://u:p@relay.test',
      { port: 587, secure: false, tls: 'required', auth: { method: 'ANY', user: 'u', pass: 'p' } },
    ],
    ['smtps://relay.test', { port: 465, secure: true, tls: 'required', auth: undefined }],
    ['smtp://relay.test:2525', { port: 2525 }],
    ['smtp://[::1]:25', { host: '::1', port: 25 }],
    ['smtp://a%40b.test:p%3A%2F%C3%A9%25@relay.test', { auth: { user: 'a@b.test', pass: 'p:/é%' } }],
  ])('reads %s', (url, expected) => {
    expect(settings(url)).toMatchObject(expected);
  });

  it('lets the variable decide about TLS', () => {
    expect(settings('smtp://relay.test', { smtpTls: 'required' })?.tls).toBe('required');
    expect(settings('smtp://u:p@relay.test', { smtpTls: 'opportunistic' })?.tls).toBe('opportunistic');
  });
});
