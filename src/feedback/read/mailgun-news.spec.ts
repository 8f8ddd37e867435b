import { describe, expect, it } from '@jest/globals';
import { MAILGUN_SIGNING_KEY, mailgunNews } from '../../../test/support/provider-news.js';
import { encodeRecipientKey } from '../../domain/recipient-key.js';
import { readMailgunNews } from './mailgun-news.js';

const RECIPIENT = {
  tenantId: '01936f1e-0000-7000-8000-000000000001',
  messageId: '01936f1e-0000-7000-8000-000000000002',
  n: 0,
};
const KEY = encodeRecipientKey(RECIPIENT);
const NOW = new Date('2026-03-01T10:00:00Z');

const read = (event: object, options: Parameters<typeof mailgunNews>[2] = {}, key = KEY) =>
  readMailgunNews(mailgunNews(key, event, { at: NOW, ...options }).body, MAILGUN_SIGNING_KEY, NOW);

describe('news of Mailgun', () => {
  it.each([
    [{ event: 'accepted' }, { kind: 'TAKEN', reply: undefined }],
    [
      { event: 'delivered', 'delivery-status': { code: 250, message: 'OK', 'enhanced-code': '2.0.0' } },
      { kind: 'DELIVERED', reply: { code: 250, enhanced: '2.0.0', text: 'OK' } },
    ],
    [
      { event: 'failed', severity: 'temporary', 'delivery-status': { code: 452, message: '4.2.2 over quota' } },
      { kind: 'DELAYED', reply: { code: 452, enhanced: undefined, text: '4.2.2 over quota' } },
    ],
    [
      {
        event: 'failed',
        severity: 'permanent',
        'delivery-status': { code: 605, message: '', description: 'Not delivering to previously bounced address' },
      },
      {
        kind: 'BOUNCED',
        reply: { code: undefined, enhanced: undefined, text: 'Not delivering to previously bounced address' },
      },
    ],
    [{ event: 'rejected', reject: { reason: 'Sandbox subdomains are for test purposes only' } }, { kind: 'BOUNCED' }],
    [{ event: 'complained' }, { kind: 'COMPLAINED' }],
  ])('%j', (event, expected) => {
    expect(read(event)).toMatchObject({
      kind: 'genuine',
      news: { recipient: RECIPIENT, occurredAt: NOW, ...expected },
    });
  });

  it('name the request and what it tells, so that neither counts twice', () => {
    const reading = read({ event: 'accepted', id: 'e-1' }, { token: 't-1' });
    expect(reading).toMatchObject({ ids: ['token t-1', 'event e-1'] });
  });

  it.each([{ event: 'opened' }, { event: 'clicked' }, { event: 'unsubscribed' }, { event: 'stored' }, {}])(
    'of a kind that is not kept are none: %j',
    (event) => {
      expect(read(event)).toMatchObject({ kind: 'genuine', news: undefined });
    },
  );

  it('about mail of somebody else are none', () => {
    expect(read({ event: 'delivered' }, {}, 'order-17')).toMatchObject({ kind: 'genuine', news: undefined });
    expect(read({ event: 'delivered', 'user-variables': [] })).toMatchObject({ kind: 'genuine', news: undefined });
  });

  it.each([
    ['another key', { signingKey: 'another' }, 'wrong signature'],
    ['a signature of last week', { at: new Date('2026-02-22T10:00:00Z') }, 'signed too long ago, or in the future'],
    ['a signature of tomorrow', { at: new Date('2026-03-02T10:00:00Z') }, 'signed too long ago, or in the future'],
  ])('are refused with %s', (_, options, why) => {
    expect(read({ event: 'delivered' }, options)).toEqual({ kind: 'refused', status: 401, why });
  });

  it('are refused when the time was changed after signing', () => {
    const document = JSON.parse(mailgunNews(KEY, {}, { at: new Date('2020-01-01T00:00:00Z') }).body.toString()) as {
      signature: { timestamp: string };
    };
    document.signature.timestamp = String(NOW.getTime() / 1000);
    const reading = readMailgunNews(Buffer.from(JSON.stringify(document)), MAILGUN_SIGNING_KEY, NOW);
    expect(reading).toMatchObject({ kind: 'refused', status: 401 });
  });

  it.each([
    '',
    'null',
    '[]',
    '{',
    '{}',
    '{"signature":{},"event-data":{}}',
    '{"signature":{"timestamp":1,"token":2},"event-data":{}}',
  ])('are nothing else: %j', (body) => {
    expect(readMailgunNews(Buffer.from(body), MAILGUN_SIGNING_KEY, NOW)).toMatchObject({
      kind: 'refused',
      status: 400,
    });
  });
});
