import { afterEach, describe, expect, it } from '@jest/globals';
import type { SmtpSettings } from '../../../src/sending/transports/smtp/smtp-settings.js';
import { SmtpTransport } from '../../../src/sending/transports/smtp/smtp-transport.js';
import type { HandOverResult } from '../../../src/sending/transports/transport.js';
import { FaultySmtpServer } from '../../support/faulty-smtp-server.js';
import { outgoing, testEnvelope } from '../../support/outgoing-mail.js';
import { testSmtpSettings } from '../../support/smtp-settings.js';
import { SmtpSink, type SinkOptions } from '../../support/smtp-sink.js';
import { RELAY_TLS, TEST_CA } from '../../support/tls-fixture.js';

const CREDENTIALS = { user: 'user@a.test', pass: 'p@ss:wörd ya29.token' };
const LONG = { connectTimeoutMs: 8000, commandTimeoutMs: 8000, finalReplyTimeoutMs: 8000 };
const MAIL = outgoing(Buffer.from('Subject: auth\r\n\r\ntext\r\n'));

type Method = NonNullable<SmtpSettings['auth']>['method'];
const METHODS = ['PLAIN', 'LOGIN', 'XOAUTH2'] as const;

describe('SmtpTransport authenticates', () => {
  let sink: SmtpSink;
  let transport: SmtpTransport;

  afterEach(async () => {
    await transport.close();
    await sink.close();
  });

  async function handOver(method: Method, options: SinkOptions): Promise<HandOverResult> {
    sink = await SmtpSink.start({ tls: RELAY_TLS, auth: CREDENTIALS, ...options });
    const auth = { method, ...CREDENTIALS };
    transport = new SmtpTransport(testSmtpSettings({ port: sink.port, tls: 'required', ca: TEST_CA, ...LONG, auth }));
    return transport.handOver(testEnvelope(), MAIL);
  }

  const said = (): string[] => sink.commands.filter((command) => /^(AUTH|MAIL)/.test(command));

  it.each(METHODS)('by %s', async (method) => {
    expect(await handOver(method, { authMethods: METHODS })).toMatchObject({ outcome: 'accepted' });
    expect(said()[0]).toMatch(new RegExp(`^AUTH ${method}\\b`));
  });

  it.each(METHODS)('not without the right credentials, by %s, and tries once', async (method) => {
    const wrong = await handOver(method, { authMethods: METHODS, auth: { user: CREDENTIALS.user, pass: 'other' } });
    expect(wrong).toMatchObject({ outcome: 'deferred', stage: 'AUTH', reply: { code: 535, enhanced: '5.7.8' } });
    expect(said()).toHaveLength(1);
  });

  it.each(METHODS)('by no other method than %s where it is named', async (method) => {
    const others = METHODS.filter((other) => other !== method);
    expect(await handOver(method, { authMethods: others })).toEqual({
      outcome: 'deferred',
      stage: 'AUTH',
      reply: undefined,
      note: `the relay does not offer ${method}`,
    });
    expect(said()).toEqual([]);
  });

  it.each(['PLAIN', 'LOGIN'] as const)('by whatever is offered where none is named (%s)', async (offered) => {
    expect(await handOver('ANY', { authMethods: ['XOAUTH2', offered] })).toMatchObject({ outcome: 'accepted' });
    expect(said()[0]).toMatch(new RegExp(`^AUTH ${offered}\\b`));
  });

  it('is told by a relay that accepts a token that it first challenged: nobody knows who is logged in', async () => {
    sink = await SmtpSink.start();
    const server = await FaultySmtpServer.start({
      at: 'auth',
      fault: { reply: '334 eyJzdGF0dXMiOiI0MDEifQ==\r\n' },
      extensions: ['AUTH=XOAUTH2'],
    });
    const auth = { method: 'XOAUTH2', ...CREDENTIALS } as const;
    transport = new SmtpTransport(testSmtpSettings({ port: server.port, tls: 'off', ...LONG, auth }));
    expect(await transport.handOver(testEnvelope(), MAIL)).toMatchObject({ outcome: 'deferred', stage: 'AUTH' });
    // The empty line that the challenge asks for, and not the token again.
    expect(server.commands.filter((command) => command === '' || command.startsWith('AUTH'))).toHaveLength(2);
    await server.close();
  });
});
