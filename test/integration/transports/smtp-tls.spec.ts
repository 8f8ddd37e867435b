import { afterEach, describe, expect, it } from '@jest/globals';
import type { SmtpSettings } from '../../../src/sending/transports/smtp/smtp-settings.js';
import { SmtpTransport } from '../../../src/sending/transports/smtp/smtp-transport.js';
import type { HandOverResult } from '../../../src/sending/transports/transport.js';
import { SmtpSink, type SinkOptions } from '../../support/smtp-sink.js';
import { testSmtpSettings } from '../../support/smtp-settings.js';
import { OTHER_TLS, RELAY_TLS, TEST_CA } from '../../support/tls-fixture.js';
import { outgoing, testEnvelope } from '../../support/outgoing-mail.js';

const ENVELOPE = testEnvelope();
const AUTH = { method: 'ANY', user: 'user', pass: 'p@ss:wörd' } as const;
const LONG = { connectTimeoutMs: 8000, commandTimeoutMs: 8000, finalReplyTimeoutMs: 8000 };

describe('SmtpTransport and TLS', () => {
  let sink: SmtpSink;
  let transport: SmtpTransport;

  afterEach(async () => {
    await transport.close();
    await sink.close();
  });

  async function handOver(settings: Partial<SmtpSettings>, options: SinkOptions): Promise<HandOverResult> {
    sink = await SmtpSink.start(options);
    const secure = options.implicitTls === true;
    transport = new SmtpTransport(testSmtpSettings({ port: sink.port, secure, ...LONG, ...settings }));
    return transport.handOver(ENVELOPE, outgoing(Buffer.from('Subject: tls\r\n\r\ntext\r\n')));
  }

  const said = (verb: string): string[] => sink.commands.filter((command) => command.startsWith(verb));

  describe.each([
    ['STARTTLS', {}],
    ['TLS from the first byte', { implicitTls: true }],
  ])('%s', (_name, implicit) => {
    it('is used when the certificate is right, by address and by name', async () => {
      expect(await handOver({ tls: 'required', ca: TEST_CA }, { ...implicit, tls: RELAY_TLS })).toMatchObject({
        outcome: 'accepted',
      });
      await transport.close();
      transport = new SmtpTransport(
        testSmtpSettings({
          port: sink.port,
          host: 'localhost',
          tls: 'required',
          ca: TEST_CA,
          ...LONG,
          secure: 'implicitTls' in implicit,
        }),
      );
      expect(await transport.handOver(ENVELOPE, outgoing(Buffer.from('x')))).toMatchObject({ outcome: 'accepted' });
    });

    it('is given up when nobody known signed the certificate', async () => {
      expect(await handOver({ tls: 'required' }, { ...implicit, tls: RELAY_TLS })).toMatchObject({
        outcome: 'deferred',
        stage: 'TLS',
        note: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      });
      expect(said('MAIL')).toEqual([]);
    });

    it('is given up when the certificate is somebody else’s', async () => {
      expect(await handOver({ tls: 'required', ca: TEST_CA }, { ...implicit, tls: OTHER_TLS })).toMatchObject({
        outcome: 'deferred',
        stage: 'TLS',
        note: 'ERR_TLS_CERT_ALTNAME_INVALID',
      });
    });

    it('carries the password when it is right, and says AUTH when it is wrong', async () => {
      const good = { tls: 'required', ca: TEST_CA, auth: AUTH } as const;
      expect(await handOver(good, { ...implicit, tls: RELAY_TLS, auth: AUTH })).toMatchObject({ outcome: 'accepted' });
      await transport.close();
      await sink.close();
      const wrong = await handOver(good, { ...implicit, tls: RELAY_TLS, auth: { user: 'user', pass: 'other' } });
      expect(wrong).toMatchObject({ outcome: 'deferred', stage: 'AUTH', reply: { code: 535, enhanced: '5.7.8' } });
    });

    it('is not trusted with a password without a known certificate, opportunistic or not', async () => {
      const settings = { tls: 'opportunistic', auth: AUTH } as const;
      expect(await handOver(settings, { ...implicit, tls: RELAY_TLS, auth: AUTH })).toMatchObject({
        outcome: 'deferred',
        stage: 'TLS',
      });
      expect(said('AUTH')).toEqual([]);
    });
  });

  it('is taken as it is offered when it is opportunistic', async () => {
    expect(await handOver({ tls: 'opportunistic' }, { tls: OTHER_TLS })).toMatchObject({ outcome: 'accepted' });
    expect(said('STARTTLS')).toHaveLength(1);
  });

  it('is done without when it is opportunistic and not offered', async () => {
    expect(await handOver({ tls: 'opportunistic' }, {})).toMatchObject({ outcome: 'accepted' });
  });

  it('is not asked for when it is off', async () => {
    expect(await handOver({ tls: 'off' }, { tls: RELAY_TLS })).toMatchObject({ outcome: 'accepted' });
    expect(said('STARTTLS')).toEqual([]);
  });

  it('is insisted on when it is required: no mail and no password in clear', async () => {
    expect(await handOver({ tls: 'required', auth: AUTH }, { auth: AUTH })).toMatchObject({
      outcome: 'deferred',
      stage: 'TLS',
    });
    expect([...said('AUTH'), ...said('MAIL')]).toEqual([]);
  });

  it('meets a server that does not speak it', async () => {
    expect(await handOver({ tls: 'required', secure: true }, {})).toMatchObject({ outcome: 'deferred', stage: 'TLS' });
  });
});
