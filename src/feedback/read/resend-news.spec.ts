import { describe, expect, it } from '@jest/globals';
import { RESEND_SECRET, resendNews } from '../../../test/support/provider-news.js';
import { encodeRecipientKey } from '../../domain/recipient-key.js';
import { readResendNews } from './resend-news.js';

const RECIPIENT = {
  tenantId: '01936f1e-0000-7000-8000-000000000001',
  messageId: '01936f1e-0000-7000-8000-000000000002',
  n: 3,
};
const KEY = encodeRecipientKey(RECIPIENT);

const read = (...news: Parameters<typeof resendNews>) => readResendNews(resendNews(...news), RESEND_SECRET);

describe('news of Resend', () => {
  it.each([
    ['email.sent', {}, { kind: 'TAKEN', reply: undefined }],
    ['email.delivered', {}, { kind: 'DELIVERED', reply: undefined }],
    ['email.delivery_delayed', {}, { kind: 'DELAYED' }],
    ['email.complained', {}, { kind: 'COMPLAINED' }],
    [
      'email.bounced',
      { bounce: { type: 'Permanent', subType: 'General', message: 'The mailbox does not exist' } },
      { kind: 'BOUNCED', reply: { code: undefined, enhanced: undefined, text: 'The mailbox does not exist' } },
    ],
    [
      'email.failed',
      { failed: { reason: 'reached_daily_quota' } },
      { kind: 'BOUNCED', reply: { text: 'reached_daily_quota' } },
    ],
    [
      'email.suppressed',
      { suppressed: { message: 'on the list' } },
      { kind: 'BOUNCED', reply: { text: 'on the list' } },
    ],
  ])('%s', (type, data, expected) => {
    expect(read(KEY, type, data)).toMatchObject({ kind: 'genuine', news: { recipient: RECIPIENT, ...expected } });
  });

  it('carry tags as an object or as the list that was sent', () => {
    const tags = [null, { name: 'postern_id', value: 'msg_1' }, { name: 'postern_recipient', value: KEY }];
    expect(read('', 'email.sent', { tags })).toMatchObject({ news: { recipient: RECIPIENT } });
  });

  it('are named by their request, and tell when it happened', () => {
    const at = new Date();
    expect(read(KEY, 'email.sent', {}, { id: 'msg_7', at })).toMatchObject({
      ids: ['msg_7'],
      news: { occurredAt: at },
    });
  });

  it.each(['email.opened', 'email.clicked', 'email.scheduled', 'email.received', 'contact.created'])(
    'of a kind that is not kept are none: %s',
    (type) => {
      expect(read(KEY, type)).toMatchObject({ kind: 'genuine', news: undefined });
    },
  );

  it('about mail of somebody else are none', () => {
    expect(read('', 'email.sent', { tags: undefined })).toMatchObject({ kind: 'genuine', news: undefined });
  });

  it.each([
    ['another secret', { secret: `whsec_${Buffer.alloc(24).toString('base64')}` }],
    ['a signature of an hour ago', { at: new Date(Date.now() - 3_600_000) }],
  ])('are refused with %s', (_, options) => {
    expect(read(KEY, 'email.sent', {}, options)).toMatchObject({ kind: 'refused', status: 401 });
  });

  it('are refused when the body was changed, or nothing is signed', () => {
    const { headers, body } = resendNews(KEY, 'email.sent');
    const changed = Buffer.from(body.toString().replace('email.sent', 'email.delivered'));
    expect(readResendNews({ headers, body: changed }, RESEND_SECRET)).toMatchObject({ kind: 'refused', status: 401 });
    expect(readResendNews({ headers: {}, body }, RESEND_SECRET)).toMatchObject({ kind: 'refused', status: 401 });
  });
});
