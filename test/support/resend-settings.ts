import type { ResendSettings } from '../../src/sending/transports/http/resend-settings.js';
import { RESEND_KEY } from './resend-stand-in.js';

/** Settings for a stand-in on loopback, with the key that it expects. */
export function testResendSettings(baseUrl: string, settings: Partial<ResendSettings> = {}): ResendSettings {
  return { name: 'resend', apiKey: RESEND_KEY, baseUrl, timeoutMs: 10_000, maxConnections: 5, ...settings };
}
