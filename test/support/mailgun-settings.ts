import type { MailgunSettings } from '../../src/sending/transports/http/mailgun-settings.js';
import { MAILGUN_DOMAIN, MAILGUN_KEY } from './mailgun-stand-in.js';

/** Settings for a stand-in on loopback, with the domain and the key that it expects. */
export function testMailgunSettings(baseUrl: string, settings: Partial<MailgunSettings> = {}): MailgunSettings {
  return {
    name: 'mailgun',
    domain: MAILGUN_DOMAIN,
    apiKey: MAILGUN_KEY,
    baseUrl,
    timeoutMs: 10_000,
    maxConnections: 5,
    ...settings,
  };
}
