import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { LoadPackage } from '../../../src/sending/transports/ses/ses-client.js';
import type { SesSettings } from '../../../src/sending/transports/ses/ses-settings.js';
import { SesTransport } from '../../../src/sending/transports/ses/ses-transport.js';
import { outgoing, testEnvelope } from '../../support/outgoing-mail.js';
import { sesError, SesStandIn } from '../../support/ses-stand-in.js';
import { testSesSettings } from '../../support/ses-settings.js';

const MAIL = outgoing(Buffer.from('Subject: x\r\n\r\nGrüße\r\n'));

/** Nothing of this machine's is to be found, and nobody is asked for it. */
const NO_CREDENTIALS = {
  AWS_ACCESS_KEY_ID: undefined,
  AWS_SECRET_ACCESS_KEY: undefined,
  AWS_PROFILE: undefined,
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_CONFIG_FILE: '/dev/null',
  AWS_EC2_METADATA_DISABLED: 'true',
};

describe('SesTransport', () => {
  let standIn: SesStandIn;
  let transport: SesTransport;

  function transportWith(changes: Partial<SesSettings> = {}, load?: LoadPackage): SesTransport {
    transport = new SesTransport(testSesSettings(standIn.http.baseUrl, changes), load);
    return transport;
  }

  beforeEach(async () => {
    standIn = await SesStandIn.start();
  });

  afterEach(async () => {
    await transport.close();
    await standIn.http.close();
  });

  it('sends the octets to one recipient, with the identity, the set and the id that events bring back', async () => {
    const result = await transportWith({ configurationSet: 'postern' }).handOver(
      testEnvelope({ to: 'b@to.test' }),
      MAIL,
    );
    expect(result).toEqual({
      outcome: 'accepted',
      reply: { code: 200, enhanced: undefined, text: '' },
      finalDestination: false,
      providerMessageId: '0102018e-1-000000',
    });
    expect(standIn.mails).toEqual([
      {
        FromEmailAddress: 'a@from.test',
        Destination: { ToAddresses: ['b@to.test'] },
        EmailTags: [
          { Name: 'postern-id', Value: 'msg_contract' },
          { Name: 'postern_recipient', Value: 't_m_0' },
        ],
        ConfigurationSetName: 'postern',
        raw: MAIL.raw,
      },
    ]);
  });

  it('asks once: when to try again is decided elsewhere', async () => {
    standIn.answerTo = () => sesError(500, 'InternalServiceErrorException');
    expect(await transportWith().handOver(testEnvelope(), MAIL)).toMatchObject({
      outcome: 'deferred',
      reason: 'NETWORK',
    });
    standIn.answerTo = () => sesError(429, 'TooManyRequestsException', 'Maximum sending rate exceeded.');
    expect(await transport.handOver(testEnvelope(), MAIL)).toMatchObject({
      outcome: 'deferred',
      reason: 'RATE_LIMITED',
      pushback: { scope: 'PROVIDER' },
    });
    expect(standIn.http.received).toHaveLength(2);
  });

  it('keeps the mail when the credentials are wrong', async () => {
    expect(await transportWith({ accessKeyId: 'AKIDWRONG' }).handOver(testEnvelope(), MAIL)).toMatchObject({
      outcome: 'deferred',
      reason: 'PROVIDER_CONFIGURATION',
      note: 'the provider answered 403 UnrecognizedClientException',
    });
    // Keys that may not look can be such that may send.
    expect(await transport.probe()).toMatchObject({ alive: true });
  });

  it('keeps the mail when there are no credentials', async () => {
    const before = { ...process.env };
    for (const [name, value] of Object.entries(NO_CREDENTIALS)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    try {
      const settings = { accessKeyId: undefined, secretAccessKey: undefined };
      expect(await transportWith(settings).handOver(testEnvelope(), MAIL)).toEqual({
        outcome: 'deferred',
        stage: 'CONNECT',
        reply: undefined,
        note: 'the SES client cannot make the request: CredentialsProviderError',
        reason: 'PROVIDER_CONFIGURATION',
      });
      expect(standIn.http.received).toEqual([]);
    } finally {
      process.env = before;
    }
  });

  it('names the package to install where it is missing, and goes on once it is there', async () => {
    let installed = false;
    const load: LoadPackage = () =>
      installed
        ? import('@aws-sdk/client-sesv2')
        : Promise.reject(Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' }));
    const result = await transportWith({}, load).handOver(testEnvelope(), MAIL);
    expect(result).toMatchObject({ outcome: 'deferred', stage: 'CONNECT', reason: 'PROVIDER_CONFIGURATION' });
    expect('note' in result ? result.note : '').toContain('npm install @aws-sdk/client-sesv2');
    expect(await transport.probe()).toMatchObject({ alive: false });
    installed = true;
    expect(await transport.handOver(testEnvelope(), MAIL)).toMatchObject({ outcome: 'accepted' });
  });

  it('sends nothing for a call that waited for credentials past its deadline', async () => {
    let found = (): void => undefined;
    const load: LoadPackage = async () => {
      const loaded = await import('@aws-sdk/client-sesv2');
      class SlowClient extends loaded.SESv2Client {
        constructor(...[settings]: ConstructorParameters<typeof loaded.SESv2Client>) {
          const credentials = new Promise<void>((resolve) => (found = resolve)).then(() => ({
            accessKeyId: 'AKIDTEST',
            secretAccessKey: 'secret',
          }));
          super({ ...settings, region: 'eu-west-1', credentials: () => credentials });
        }
      }
      return { ...loaded, SESv2Client: SlowClient };
    };
    const result = await transportWith({ timeoutMs: 600 }, load).handOver(testEnvelope(), MAIL);
    expect(result).toMatchObject({ outcome: 'deferred', stage: 'CONNECT', note: 'no credentials in time' });
    found();
    expect(await transport.handOver(testEnvelope({ to: 'second@to.test' }), MAIL)).toMatchObject({
      outcome: 'accepted',
    });
    expect(standIn.mails.map(({ Destination }) => Destination.ToAddresses[0])).toEqual(['second@to.test']);
  });

  it('tells the quota of the account', async () => {
    expect(await transportWith().probe()).toEqual({
      alive: true,
      note: '',
      quota: { perSecond: 14, perDay: 50_000, sentInLastDay: 1200 },
    });
    standIn.account = { SendingEnabled: false, SendQuota: { Max24HourSend: -1, MaxSendRate: 14, SentLast24Hours: 0 } };
    expect(await transport.probe()).toEqual({
      alive: false,
      note: 'sending is switched off for the account',
      quota: { perSecond: 14, sentInLastDay: 0 },
    });
  });
});
