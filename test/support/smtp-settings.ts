import type { SmtpSettings } from '../../src/sending/transports/smtp/smtp-settings.js';

/** Settings for a relay on loopback, with deadlines short enough to test. */
export function testSmtpSettings(settings: Partial<SmtpSettings> & { port: number }): SmtpSettings {
  return {
    name: 'smtp',
    host: '127.0.0.1',
    secure: false,
    tls: 'opportunistic',
    auth: undefined,
    ca: undefined,
    ehloName: 'client.test',
    sourceAddress: undefined,
    maxConnections: 5,
    messagesPerConnection: 100,
    connectTimeoutMs: 500,
    commandTimeoutMs: 500,
    finalReplyTimeoutMs: 700,
    idleMs: 5000,
    ...settings,
  };
}
