import { describe, expect, it } from '@jest/globals';
import { decodeRecipientKey, encodeRecipientKey } from './recipient-key.js';

const KEY = {
  tenantId: '01936f1e-0000-7000-8000-000000000001',
  messageId: '01936f1e-0000-7000-8000-000000000002',
  n: 7,
};

describe('the key of a recipient', () => {
  it('is read back as it was written', () => {
    expect(decodeRecipientKey(encodeRecipientKey(KEY))).toEqual(KEY);
  });

  it('is made of what every provider takes in a tag', () => {
    expect(encodeRecipientKey(KEY)).toMatch(/^[A-Za-z0-9_-]{1,128}$/);
  });

  it.each([
    '',
    'someone else’s tag',
    `${KEY.tenantId}_${KEY.messageId}`,
    `${KEY.tenantId}_${KEY.messageId}_-1`,
    `${KEY.tenantId}_${KEY.messageId}_07`,
    `${KEY.tenantId}_${KEY.messageId}_10000`,
    `${'-'.repeat(36)}_${KEY.messageId}_1`,
    `${KEY.tenantId}_${KEY.messageId}_1\n`,
  ])('is nothing else: %j', (text) => {
    expect(decodeRecipientKey(text)).toBeUndefined();
  });
});
