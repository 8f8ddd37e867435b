import { describe, expect, it } from '@jest/globals';
import { RECIPIENT_STATUSES, type RecipientStatus, isSettled } from '../domain/recipient-status.js';
import { decideNews } from './decide-news.js';
import type { NewsKind, ProviderNews } from './read/provider-news.js';

const RECIPIENT = { tenantId: 't', messageId: 'm', n: 0 };
const AT = new Date('2026-03-01T10:00:00Z');

const news = (kind: NewsKind, changes: Partial<ProviderNews> = {}): ProviderNews => ({
  kind,
  recipient: RECIPIENT,
  occurredAt: AT,
  reply: undefined,
  ...changes,
});
const told = (status: RecipientStatus, one: ProviderNews): unknown[] =>
  decideNews(status, 'mailgun', one).map(({ event, status: to }) => [event, to]);

describe('news of a provider', () => {
  it.each(RECIPIENT_STATUSES.filter((status) => !isSettled(status)))(
    'show that it has the mail of one that is %s',
    (status) => {
      expect(told(status, news('TAKEN'))).toEqual([['RESOLVED', 'HANDED_OFF']]);
      expect(told(status, news('DELIVERED'))).toEqual([
        ['RESOLVED', 'HANDED_OFF'],
        ['DELIVERED', 'DELIVERED'],
      ]);
      expect(told(status, news('BOUNCED'))).toEqual([
        ['RESOLVED', 'HANDED_OFF'],
        ['BOUNCED', 'BOUNCED'],
      ]);
      expect(told(status, news('DELAYED'))).toEqual([
        ['RESOLVED', 'HANDED_OFF'],
        ['DELAYED', undefined],
      ]);
    },
  );

  it('of having it are none once that is known', () => {
    expect(told('HANDED_OFF', news('TAKEN'))).toEqual([]);
    expect(told('DELIVERED', news('TAKEN'))).toEqual([]);
  });

  it('that were told already in other words are none', () => {
    expect(told('DELIVERED', news('DELIVERED'))).toEqual([]);
    expect(told('BOUNCED', news('BOUNCED'))).toEqual([]);
  });

  it('of a complaint and of a delay are facts: they move nothing', () => {
    expect(told('DELIVERED', news('COMPLAINED'))).toEqual([['COMPLAINED', undefined]]);
    expect(told('HANDED_OFF', news('DELAYED'))).toEqual([['DELAYED', undefined]]);
  });

  it('that come too late to move the recipient tell where it stays', () => {
    for (const [status, kind] of [
      ['BOUNCED', 'DELIVERED'],
      ['CANCELLED', 'DELIVERED'],
      ['FAILED', 'BOUNCED'],
    ] as const) {
      const [change] = decideNews(status, 'mailgun', news(kind));
      expect(change).toMatchObject({ event: kind, data: { status } });
      expect(change?.status).toBeUndefined();
    }
    expect(told('DELIVERED', news('BOUNCED'))).toEqual([['BOUNCED', 'BOUNCED']]);
  });

  it('tell who told it, when it happened, and the reply', () => {
    const reply = { code: 550, enhanced: '5.1.1', text: 'no such user' };
    expect(decideNews('HANDED_OFF', 'mailgun', news('BOUNCED', { reply }))).toEqual([
      {
        ...RECIPIENT,
        event: 'BOUNCED',
        status: 'BOUNCED',
        reason: 'BAD_MAILBOX',
        smtpCode: 550,
        enhancedCode: '5.1.1',
        reply: 'no such user',
        data: { provider: 'mailgun', occurredAt: '2026-03-01T10:00:00.000Z' },
      },
    ]);
  });

  it('are classed by the words where there is no code, and by the provider where it says more', () => {
    const reply = { code: undefined, enhanced: undefined, text: 'mailbox is full' };
    const [delayed] = decideNews('HANDED_OFF', 'p', news('DELAYED', { reply }));
    expect(delayed).toMatchObject({ reason: 'MAILBOX_FULL' });
    const [bounced] = decideNews('HANDED_OFF', 'p', news('BOUNCED', { reply, reason: 'CONTENT' }));
    expect(bounced).toMatchObject({ reason: 'CONTENT' });
    const [without] = decideNews('HANDED_OFF', 'p', news('BOUNCED', { occurredAt: undefined }));
    expect(without).toMatchObject({ reason: 'OTHER', data: { provider: 'p' } });
  });
});
