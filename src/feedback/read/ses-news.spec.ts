import { describe, expect, it } from '@jest/globals';
import { sesEvent } from '../../../test/support/provider-news.js';
import { encodeRecipientKey } from '../../domain/recipient-key.js';
import { readSesNews } from './ses-news.js';

const RECIPIENT = {
  tenantId: '01936f1e-0000-7000-8000-000000000001',
  messageId: '01936f1e-0000-7000-8000-000000000002',
  n: 1,
};
const KEY = encodeRecipientKey(RECIPIENT);
const AT = '2026-01-31T10:00:05.000Z';

const bounce = (bounceType: string, recipient: object) => ({
  bounce: { bounceType, bounceSubType: 'General', timestamp: AT, bouncedRecipients: [recipient] },
});

describe('news of Amazon SES', () => {
  it.each([
    ['Send', { send: {} }, { kind: 'TAKEN', occurredAt: new Date('2026-01-31T10:00:00Z') }],
    [
      'Delivery',
      { delivery: { timestamp: AT, smtpResponse: '250 2.6.0 Message received' } },
      {
        kind: 'DELIVERED',
        occurredAt: new Date(AT),
        reply: { code: 250, enhanced: '2.6.0', text: 'Message received' },
      },
    ],
    [
      'DeliveryDelay',
      {
        deliveryDelay: {
          timestamp: AT,
          delayedRecipients: [{ status: '4.4.1', diagnosticCode: 'smtp; 421 4.4.1 timeout' }],
        },
      },
      { kind: 'DELAYED', reply: { code: 421, enhanced: '4.4.1', text: 'timeout' } },
    ],
    [
      'Bounce',
      bounce('Permanent', { action: 'failed', status: '5.1.1', diagnosticCode: 'smtp; 550 5.1.1 user unknown' }),
      { kind: 'BOUNCED', occurredAt: new Date(AT), reply: { code: 550, enhanced: '5.1.1', text: 'user unknown' } },
    ],
    ['Bounce', bounce('Transient', { action: 'failed', status: '4.4.7' }), { kind: 'BOUNCED' }],
    ['Bounce', bounce('Transient', { emailAddress: 'away@example.com' }), { kind: 'TAKEN' }],
    ['Bounce', bounce('Undetermined', {}), { kind: 'BOUNCED' }],
    [
      'Reject',
      { reject: { reason: 'Bad content' } },
      { kind: 'BOUNCED', reason: 'CONTENT', reply: { text: 'Bad content' } },
    ],
    ['Complaint', { complaint: { timestamp: AT, complaintFeedbackType: 'abuse' } }, { kind: 'COMPLAINED' }],
  ])('%s %j', (type, detail, expected) => {
    expect(readSesNews(sesEvent(KEY, type, detail))).toMatchObject({ recipient: RECIPIENT, ...expected });
  });

  it.each(['Open', 'Click', 'Rendering Failure', 'Subscription'])('of a kind that is not kept are none: %s', (type) => {
    expect(readSesNews(sesEvent(KEY, type))).toBeUndefined();
  });

  it.each([
    '',
    'null',
    '{}',
    '{"eventType":"Send"}',
    '{"eventType":"Send","mail":{"tags":{"postern_recipient":["x"]}}}',
  ])('about mail of somebody else are none: %j', (text) => {
    expect(readSesNews(text)).toBeUndefined();
  });

  it('of an identity instead of a configuration set carry no tags: they are none', () => {
    expect(readSesNews('{"notificationType":"Delivery","mail":{}}')).toBeUndefined();
  });
});
