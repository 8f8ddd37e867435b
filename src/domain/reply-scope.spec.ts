import { describe, expect, it } from '@jest/globals';
import { scopeOfReply } from './reply-scope.js';
import type { Reply } from './smtp-reply-class.js';

function reply(text: string): Reply {
  const [, code, enhanced, words] = /^(\d{3})(?: ([245]\.\d+\.\d+))? ?(.*)$/.exec(text) ?? [];
  return { code: Number(code), enhanced, text: words ?? '' };
}

describe('scopeOfReply', () => {
  it.each([
    '421 Service not available',
    '421 4.7.28 Our system has detected an unusual rate of unsolicited mail originating from your IP address',
    '421 4.7.0 [TSS04] Messages from 198.51.100.1 temporarily deferred due to unexpected volume or user complaints',
    '421 4.3.2 The maximum number of concurrent server connections has exceeded a limit',
    '450 4.7.1 Client host rejected: cannot find your reverse hostname',
    '450 too many connections from your host',
    '451 4.7.652 The mail server [198.51.100.1] has exceeded the maximum number of connections. (S3115)',
    '451 4.7.500 Server busy. Please try again later from [198.51.100.1].',
    '452 4.3.1 Insufficient system storage',
    '451 4.4.5 congestion',
    '454 4.7.0 throttled, slow down',
    '550 5.7.1 Unfortunately, messages from [198.51.100.1] weren’t sent. Your network is on our block list (S3140)',
    '554 5.7.1 Service unavailable; Client host [198.51.100.1] blocked using zen.spamhaus.org',
    '554 5.7.1 Service unavailable; client host blocked because of its reputation',
  ])('is the site for %s', (text) => {
    expect(scopeOfReply(reply(text))).toBe('SITE');
  });

  it.each([
    '450 4.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages',
    '421 4.2.1 The user is receiving mail too quickly',
    '452 4.2.2 The email account that you tried to reach is over quota',
    '452 Mailbox full',
    '450 4.7.1 Greylisted, try again in 300 seconds',
    '451 4.7.1 Recipient address rejected: Greylisting in action',
    '450 mailbox unavailable',
    '451 4.3.0 local error in processing',
    '451 4.4.3 temporary DNS failure',
    '450 4.1.8 Sender address rejected: domain not found',
    '550 5.1.1 no such user',
    '552 5.2.2 mailbox full',
    '550 5.7.1 message rejected by our content filter',
    '554 transaction failed',
  ])('is nobody else for %s', (text) => {
    expect(scopeOfReply(reply(text))).toBeUndefined();
  });
});
