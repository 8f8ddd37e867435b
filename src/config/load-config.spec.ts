import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TEST_CA } from '../../test/support/tls-fixture.js';
import type { Config } from './config.js';
import { ConfigError, loadConfig } from './load-config.js';

function problems(env: Record<string, string>): readonly string[] {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

const KEY = `${'A'.repeat(43)}=`;

describe('a variable that is wrong', () => {
  const RELAY = /^POSTERN_SMTP_URL: (must|a percent sign) /;

  it.each<[name: string, value: string, told: RegExp]>([
    ['POSTERN_PORT', '70000', /at most 65535\.$/],
    ['POSTERN_PORT', 'x', /whole number\.$/],
    ['POSTERN_PORT', ' ', /is blank/],
    ['POSTERN_ROLE', 'boss', /one of all, api, worker\.$/],
    ['POSTERN_DATABASE_URL', 'mysql://h/x', /postgres:\/\/user:password@host:5432\/name\.$/],
    ['POSTERN_API_KEY_PEPPER', 'short', /at least 32 characters\.$/],
    ['POSTERN_ENCRYPTION_KEY', 'short', /32 bytes in base64, as `openssl rand -base64 32` prints them/],
    ['POSTERN_ENCRYPTION_KEY', `${KEY},short`, /separated by commas\.$/],
    ['POSTERN_SMTP_URL', 'relay.test:25', /smtp:\/\/user:password@host:587\.$/],
    ['POSTERN_SMTP_URL', 'http://relay.test', /smtp:\/\/user:password@host:587\.$/],
    ['POSTERN_SMTP_URL', 'smtp:relay.test', RELAY],
    ['POSTERN_SMTP_URL', 'smtp://relay.test:25?x=1', /query/],
    ['POSTERN_SMTP_URL', 'smtp://relay.test:25/x', RELAY],
    ['POSTERN_SMTP_URL', 'smtp://relay.test:25#x', RELAY],
    ['POSTERN_SMTP_URL', 'smtp://relay.test:0', /port from 1 to 65535\.$/],
    ['POSTERN_SMTP_URL', 'smtp://bücher.test', /xn--/],
    ['POSTERN_SMTP_URL', 'smtp://secret@relay.test', /both a user and a password/],
    ['POSTERN_SMTP_URL', 'smtp://:secret@relay.test', /both a user and a password/],
    ['POSTERN_SMTP_URL', 'smtp://u:secret%@relay.test', /%25/],
    ['POSTERN_SMTP_URL', 'smtp://u:secret%00@relay.test', /control characters/],
    ['POSTERN_SMTP_TLS_CA', 'notpem', /certificates in PEM form; POSTERN_SMTP_TLS_CA_FILE/],
    ['POSTERN_SMTP_EHLO_NAME', 'bad name', /mail\.example\.com/],
    ['POSTERN_SMTP_EHLO_NAME', '192.0.2.1', /\[192\.0\.2\.1\]/],
    ['POSTERN_PROVIDERS_FILE', '/nowhere/at/all', /cannot be read\.$/],
    ['POSTERN_DNS_SERVERS', '192.0.2.53,dns.test', /192\.0\.2\.53:5353 or \[2001:db8::53\]\.$/],
    ['POSTERN_DNS_SERVERS', '999.0.2.53', /separated by commas/],
    ['POSTERN_DNS_SERVERS', '192.0.2.53:70000', /separated by commas/],
    ['POSTERN_DNS_SERVERS', '[::1', /separated by commas/],
    ['POSTERN_RETURN_PATH', 'not an address', /one e-mail address such as bounces@example\.com/],
    ['POSTERN_RETURN_PATH', 'Bounces <bounces@example.com>', /one e-mail address/],
    ['POSTERN_RETURN_PATH', 'büro@example.com', /in ASCII before the @\.$/],
    ['POSTERN_RETURN_PATH_HOST', 'mail.example.net', /mx: or cname: .* mx:mail\.example\.net\.$/],
    ['POSTERN_RETURN_PATH_HOST', 'mx:192.0.2.1', /full name of a host/],
    ['POSTERN_RETURN_PATH_HOST', 'mx:-a.test', /full name of a host/],
    ['POSTERN_RETURN_PATH_HOST', 'cname:bounce', /full name of a host/],
    ['POSTERN_SPF_INCLUDE', '_spf.example.net', /include:_spf\.example\.net, .*ip6:2001:db8::\/32\.$/],
    ['POSTERN_SPF_INCLUDE', 'ip4:192.0.2.0/33', /SPF mechanisms/],
    ['POSTERN_SPF_INCLUDE', 'ip4:999.0.2.0', /SPF mechanisms/],
    ['POSTERN_SPF_INCLUDE', 'ip6:2001:db8::/129', /SPF mechanisms/],
    ['POSTERN_SPF_INCLUDE', 'include:example,a:mail.example.net', /SPF mechanisms/],
    ['POSTERN_LOG_LEVEL', 'loud', /one of fatal,/],
  ])('is told in one sentence without its value: %s=%s', (name, value, told) => {
    const found = problems({ [name]: value });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(told);
    expect(found[0]).toMatch(new RegExp(`^${name}: .*\\.$`));
    expect(found[0]).not.toMatch(/secret|docs\/configuration/);
  });

  it('is told together with all others', () => {
    expect(problems({ POSTERN_PORT: '70000', POSTERN_PROT: '1', POSTERN_RETURN_PATH: 'x' })).toHaveLength(3);
  });

  it.each([
    [{ POSTERN_SMTP_URL: 'smtp://u:p@relay.test', POSTERN_SMTP_TLS: 'off' }, /^POSTERN_SMTP_TLS: .* in clear/],
    [{ POSTERN_SMTP_URL: 'SMTPS://relay.test', POSTERN_SMTP_TLS: 'off' }, /^POSTERN_SMTP_TLS: .* contradicts/],
    [{ POSTERN_SMTP_CONNECTIONS: '10' }, /^POSTERN_SMTP_CONNECTIONS: /],
    [{ POSTERN_MAX_BODY_BYTES: '5000', POSTERN_MAX_MESSAGE_BYTES: '4000' }, /^POSTERN_MAX_BODY_BYTES: /],
  ])('only together with another: %j', (env, told) => {
    const found = problems(env);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(told);
  });
});

describe('a variable that is right', () => {
  it.each<[field: keyof Config, name: string, value: string, meant: unknown]>([
    ['port', 'POSTERN_PORT', '0', 0],
    ['encryptionKey', 'POSTERN_ENCRYPTION_KEY', `${KEY}, ${KEY}`, [KEY, KEY]],
    ['smtpUrl', 'POSTERN_SMTP_URL', 'smtps://u%40x:p%25@[::1]:465/', 'smtps://u%40x:p%25@[::1]:465/'],
    ['smtpTlsCa', 'POSTERN_SMTP_TLS_CA', TEST_CA, TEST_CA],
    ['smtpEhloName', 'POSTERN_SMTP_EHLO_NAME', '[IPv6:2001:db8::1]', '[IPv6:2001:db8::1]'],
    ['dnsServers', 'POSTERN_DNS_SERVERS', '192.0.2.53:5353, [2001:db8::53]', ['192.0.2.53:5353', '[2001:db8::53]']],
    ['returnPath', 'POSTERN_RETURN_PATH', 'Bounces@Bücher.example', 'Bounces@xn--bcher-kva.example'],
    ['returnPathHost', 'POSTERN_RETURN_PATH_HOST', 'mx:mail.example.net', 'mx:mail.example.net'],
    ['returnPathHost', 'POSTERN_RETURN_PATH_HOST', 'CNAME:_b.example.net', 'CNAME:_b.example.net'],
    ['spfInclude', 'POSTERN_SPF_INCLUDE', 'a:m.test,ip6:2001:db8::/32', ['a:m.test', 'ip6:2001:db8::/32']],
  ])('is taken: %s', (field, name, value, meant) => {
    expect(loadConfig({ [name]: value })[field]).toEqual(meant);
  });
});

describe('a variable from a file', () => {
  let folder: string;
  const file = (text: string): string => {
    const path = join(folder, 'value');
    writeFileSync(path, text);
    return path;
  };

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'postern-config-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is read without the end of its line', () => {
    expect(loadConfig({ POSTERN_PORT_FILE: file('8025\n') }).port).toBe(8025);
  });

  it('is refused when the file is empty, which would be the number 0', () => {
    expect(problems({ POSTERN_PORT_FILE: file('\n') })).toEqual([
      'POSTERN_PORT_FILE: is blank; leave it out for the default.',
    ]);
  });

  it('is refused when it is given directly as well, as nobody could say which one is meant', () => {
    const path = file('8025');
    expect(problems({ POSTERN_PORT_FILE: path, POSTERN_PORT: '3025' })).toEqual([
      'POSTERN_PORT: is given twice, by itself and by its _FILE.',
    ]);
  });
});
