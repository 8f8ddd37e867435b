import type { SesSettings } from '../../src/sending/transports/ses/ses-settings.js';

/** Settings for a stand-in on loopback, with the keys that it expects. */
export function testSesSettings(endpoint: string, settings: Partial<SesSettings> = {}): SesSettings {
  return {
    name: 'ses',
    region: 'eu-west-1',
    endpoint,
    accessKeyId: 'AKIDTEST',
    secretAccessKey: 'secret',
    timeoutMs: 10_000,
    maxConnections: 5,
    ...settings,
  };
}
