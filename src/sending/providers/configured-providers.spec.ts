import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { configSchema } from '../../config/config.js';
import { ConfigError } from '../../config/load-config.js';
import { configuredProviders } from './configured-providers.js';

const SECRET = 'hunter2-secret';
const read = (document: unknown, more: Record<string, string> = {}) =>
  configuredProviders(configSchema.parse({ providers: JSON.stringify(document), ...more }));

function problems(document: unknown, more: Record<string, string> = {}): readonly string[] {
  try {
    read(document, more);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

const relay = (name: string, settings: object = {}) => ({
  name,
  kind: 'SMTP',
  settings: { host: 'relay.test', ...settings },
});

describe('configured providers', () => {
  it('are the sandbox only, when nothing is configured', () => {
    const { providers, routes, fallback } = configuredProviders(configSchema.parse({}));
    expect(providers.map(({ name, kind, source }) => [name, kind, source])).toEqual([
      ['sandbox', 'SANDBOX', 'CONFIGURATION'],
    ]);
    expect({ routes, fallback }).toEqual({ routes: [], fallback: undefined });
  });

  it('have the relay of POSTERN_SMTP_URL among them, with a way of last resort to it', () => {
    const { providers, fallback } = configuredProviders(configSchema.parse({ smtpUrl: 'smtp://u:p@relay.test' }));
    expect(providers.at(-1)).toMatchObject({
      name: 'smtp',
      kind: 'SMTP',
      signing: 'POSTERN',
      settings: { host: 'relay.test', port: 587, tls: 'required', auth: { method: 'ANY', user: 'u', pass: 'p' } },
    });
    expect(fallback?.steps).toEqual([[{ provider: 'smtp', weight: 1 }]]);
  });

  it('are read with their defaults, for every kind', () => {
    const { providers } = read({
      providers: [
        relay('open'),
        relay('submission', { auth: { user: 'u', password: SECRET } }),
        relay('submissions', { port: 465 }),
        relay('token', { auth: { method: 'XOAUTH2', user: 'u', accessToken: SECRET }, sourceAddress: '192.0.2.1' }),
        { name: 'ses', kind: 'SES', settings: { region: 'eu-central-1' } },
        { name: 'mailgun', kind: 'MAILGUN', settings: { domain: 'mg.example.com', apiKey: SECRET } },
        { name: 'resend', kind: 'RESEND', settings: { apiKey: SECRET }, signing: 'POSTERN' },
        {
          name: 'direct',
          kind: 'DIRECT',
          state: 'DRAINING',
          limits: { perSecond: 0.5, burst: 3 },
          settings: {
            ehloName: 'mx.example.com',
            sourceAddresses: [{ address: '192.0.2.1', warmUpSince: '2026-01-31T00:00:00Z' }],
          },
        },
      ],
    });
    const by = new Map(providers.map((provider) => [provider.name, provider]));
    expect(by.get('open')).toMatchObject({
      signing: 'POSTERN',
      state: 'ACTIVE',
      settings: { port: 25, secure: false, tls: 'opportunistic', messagesPerConnection: 100 },
    });
    expect(by.get('submission')?.settings).toMatchObject({ port: 587, tls: 'required', auth: { method: 'ANY' } });
    expect(by.get('submissions')?.settings).toMatchObject({ port: 465, secure: true, tls: 'required' });
    expect(by.get('token')?.settings).toMatchObject({ auth: { method: 'XOAUTH2', user: 'u', pass: SECRET } });
    expect(by.get('ses')).toMatchObject({ signing: 'PROVIDER', settings: { region: 'eu-central-1' } });
    expect(by.get('mailgun')?.settings).toMatchObject({ baseUrl: 'https://api.mailgun.net' });
    expect(by.get('resend')).toMatchObject({ signing: 'POSTERN', settings: { baseUrl: 'https://api.resend.com' } });
    expect(by.get('direct')).toMatchObject({
      state: 'DRAINING',
      limits: { perSecond: 0.5, burst: 3, perDay: undefined },
      settings: {
        port: 25,
        addressFamily: 'any',
        allowPrivateTargets: false,
        sourceAddresses: [{ warmUpSince: new Date('2026-01-31T00:00:00Z') }],
      },
    });
  });

  it('are refused with all problems at once, each with its place and none with a value', () => {
    const found = problems({
      providers: [
        { name: 'Bad', kind: 'SMTP', settings: { host: 'a b', port: 0, pasword: SECRET, ca: SECRET } },
        relay('a', { auth: { user: 'u', accessToken: SECRET }, sourceAddress: SECRET }),
        relay('c', { tls: SECRET, messagesPerConnection: 1.5, ehloName: 'bad name' }),
        { name: 'b', kind: SECRET, settings: {} },
        { name: 'd', kind: 'SES', settings: { secretAccessKey: SECRET, endpoint: `http://${SECRET}.test` } },
        {
          name: 'e',
          kind: 'RESEND',
          settings: { apiKey: 7, baseUrl: `https://${SECRET}@x.test` },
          limits: { burst: 2 },
        },
        { name: 'f', kind: 'DIRECT' },
        { name: 'g', kind: 'SANDBOX' },
        SECRET,
        { name: 'h', kind: 'DIRECT', settings: { ehloName: '192.0.2.1' } },
      ],
      routes: [{ lane: SECRET, senderDomain: SECRET, tenantId: SECRET, steps: [] }, { steps: [{ providers: [] }] }],
    });
    expect(found.join('\n')).not.toContain('hunter2');
    expect(found.map((problem) => problem.replace('POSTERN_PROVIDERS: ', ''))).toEqual([
      'providers[0].settings.host must be the name or the address of a host.',
      'providers[0].settings.port must be at least 1.',
      'providers[0].settings.ca must be one or more certificates in PEM form.',
      'providers[0].settings.pasword is not known here.',
      'providers[1].settings.auth.password must be given.',
      'providers[1].settings.auth.accessToken does not belong to the method.',
      'providers[1].settings.sourceAddress must be an IP address.',
      'providers[2].settings.tls must be one of required, opportunistic, off.',
      'providers[2].settings.ehloName must be a name such as mail.example.com, or an address such as [192.0.2.1].',
      'providers[2].settings.messagesPerConnection must be a whole number.',
      'providers[3].kind must be one of SMTP, SES, MAILGUN, RESEND, DIRECT.',
      'providers[4].settings.region must be given.',
      'providers[4].settings.endpoint must be a URL of the form https://host.',
      'providers[5].limits.burst must come with perSecond.',
      'providers[5].settings.apiKey must be a text.',
      'providers[5].settings.baseUrl must be a URL of the form https://host.',
      'providers[6].settings.ehloName must be given.',
      'providers[7].kind must be one of SMTP, SES, MAILGUN, RESEND, DIRECT.',
      'providers[8] must be an object.',
      'providers[9].settings.ehloName must be the full name of this host.',
      'routes[0].tenantId must be the id of a tenant.',
      'routes[0].lane must be one of OTP, TRANSACTIONAL, NOTIFICATION, BULK.',
      'routes[0].senderDomain must be a domain such as example.com, or *.example.com for those below it.',
      'routes[0].steps must have at least 1 entry.',
      'routes[1].steps[0].providers must have at least 1 entry.',
    ]);
  });

  it.each<[string, unknown, Record<string, string>, string]>([
    [
      'a name twice',
      { providers: [relay('a'), relay('a')] },
      {},
      'providers[1].name must not be that of another provider.',
    ],
    [
      'the name of the relay',
      { providers: [relay('smtp')] },
      { smtpUrl: 'smtp://r.test' },
      'providers[0].name must not be that of another provider.',
    ],
    [
      'the name of the sandbox',
      { providers: [relay('sandbox')] },
      {},
      'providers[0].name must not be "sandbox": that one is always there.',
    ],
    [
      'a name of another form',
      { providers: [relay('Relay')] },
      {},
      'providers[0].name must be 1 to 40 lower-case letters, digits and hyphens.',
    ],
    [
      'a route to nowhere',
      { providers: [relay('a')], routes: [{ steps: [{ providers: [{ provider: 'b' }] }] }] },
      {},
      'routes[0].steps[0].providers[0].provider must be a provider there is.',
    ],
    [
      'a password in clear',
      { providers: [relay('a', { tls: 'off', auth: { user: 'u', password: SECRET } })] },
      {},
      'providers[0].settings.tls must not be off: the password would go in clear.',
    ],
    [
      'half of the credentials',
      { providers: [{ name: 'a', kind: 'SES', settings: { region: 'x', accessKeyId: 'A' } }] },
      {},
      'providers[0].settings.secretAccessKey must be given.',
    ],
    ['what it does not know', { provider: [] }, {}, 'provider is not known here.'],
  ])('refuse %s', (_what, document, more, problem) => {
    expect(problems(document, more)).toEqual([`POSTERN_PROVIDERS: ${problem}`]);
  });

  it('refuse what is not JSON without quoting it', () => {
    const config = configSchema.parse({ providers: `{"apiKey": ${SECRET}` });
    expect(() => configuredProviders(config)).toThrow(/^POSTERN_PROVIDERS: must be JSON[^h]*$/);
  });

  it('are those of the example in docs/providers.md', () => {
    const [, example = ''] = /```json\n([^]*?)```/.exec(readFileSync('docs/providers.md', 'utf8')) ?? [];
    const { providers, routes } = configuredProviders(configSchema.parse({ providers: example }));
    expect(providers.map(({ name }) => name)).toEqual(['sandbox', 'relay', 'ses']);
    expect(routes.map(({ steps }) => steps.length)).toEqual([2, 1]);
  });

  it('take routes to the relay, the sandbox and themselves', () => {
    const { routes } = read(
      {
        providers: [relay('a')],
        routes: [
          { lane: 'OTP', steps: [{ providers: [{ provider: 'a', weight: 3 }, { provider: 'smtp' }] }] },
          { recipientDomain: '*.Example.COM', steps: [{ providers: [{ provider: 'sandbox' }] }] },
        ],
      },
      { smtpUrl: 'smtp://relay.test' },
    );
    expect(routes[0]).toMatchObject({
      lane: 'OTP',
      tenantId: undefined,
      steps: [
        [
          { provider: 'a', weight: 3 },
          { provider: 'smtp', weight: 1 },
        ],
      ],
    });
    expect(routes[1]?.recipientDomain).toBe('*.example.com');
  });
});
