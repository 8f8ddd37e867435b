import { describe, expect, it } from '@jest/globals';
import { TEST_CA } from '../../test/support/tls-fixture.js';
import { areCertificates } from './pem-certificates.js';

describe('areCertificates', () => {
  it.each([
    ['one', TEST_CA],
    ['two with a remark between', `${TEST_CA}\n# the next\n${TEST_CA}`],
  ])('takes %s', (_what, text) => {
    expect(areCertificates(text)).toBe(true);
  });

  it.each([
    ['nothing', ''],
    ['a path', '/run/secrets/ca.pem'],
    ['a block that is no certificate', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'],
    ['one of two broken', `${TEST_CA}\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----`],
    ['a key', TEST_CA.replaceAll('CERTIFICATE', 'PRIVATE KEY')],
  ])('refuses %s', (_what, text) => {
    expect(areCertificates(text)).toBe(false);
  });
});
