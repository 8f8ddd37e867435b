import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { headerProblem } from './header-policy.js';

describe('a custom header is taken', () => {
  it.each([
    ['X-Entity-Ref-ID', '42'],
    ['x-campaign', 'Été: 20 % «tout»'],
    ['X-Priority', '1 (Highest)'],
    ['In-Reply-To', '<id.1+2@mail.example.com>'],
    ['References', '<a@example.com> <b@example.com> <c@example.com>'],
    ['Thread-Topic', 'Größe'],
    ['Thread-Index', 'AdAbCdEf+/=='],
    ['List-Id', 'Our news <news.example.com>'],
    ['List-Id', '<news.example.com>'],
    ['List-Help', '<mailto:help@example.com?subject=help>'],
    ['List-Unsubscribe', '<https://example.com/leave?u=1&t=a%20b>, <mailto:leave@example.com>'],
    ['List-Unsubscribe', '<HTTPS://example.com/>'],
    ['List-Unsubscribe-Post', 'List-Unsubscribe=One-Click'],
    ['Auto-Submitted', 'auto-generated'],
    ['Precedence', 'bulk'],
    ['Importance', 'High'],
    ['Priority', 'urgent'],
    ['Sensitivity', 'company-confidential'],
    ['Feedback-ID', 'campaign:customer:kind:sender'],
    ['Organization', 'Müller & Söhne'],
    ['Comments', 'as agreed'],
    ['Keywords', 'one, two'],
  ])('%s: %s', (name, value) => {
    expect(headerProblem(name, value)).toBeUndefined();
    expect(headerProblem(name.toUpperCase(), value)).toBeUndefined();
  });

  it('up to 76 characters of name and 2000 of value', () => {
    const words = 'word '.repeat(400).trim();
    expect(headerProblem(`X-${'a'.repeat(74)}`, words)).toBeUndefined();
    expect(headerProblem(`X-${'a'.repeat(75)}`, words)?.field).toBe('name');
    expect(headerProblem('X-A', `${words}ab`)?.field).toBe('value');
    expect(headerProblem('X-A', 'a'.repeat(900))).toBeUndefined();
    expect(headerProblem('X-A', 'a'.repeat(901))?.message).toContain('folded');
  });
});

describe('a custom header is refused for its name', () => {
  it.each([
    // Recipients, sender, and what the message is: fields of their own, or ours alone.
    'To',
    'Cc',
    'Bcc',
    'From',
    'Sender',
    'Reply-To',
    'Return-Path',
    'Subject',
    'Date',
    'Message-ID',
    'Received',
    'Resent-To',
    'Resent-Bcc',
    'Errors-To',
    'Disposition-Notification-To',
    'Return-Receipt-To',
    'Apparently-To',
    'MIME-Version',
    'Content-Type',
    'Content-Transfer-Encoding',
    'Content-Disposition',
    'Content-ID',
    'DKIM-Signature',
    'DomainKey-Signature',
    'ARC-Seal',
    'Authentication-Results',
    'Received-SPF',
    'BIMI-Selector',
    'List-Unsubscribe-Now',
    'Foo',
    'X-',
    'X',
    // Ours, and those by which servers add recipients, change the sender or drop the mail.
    'X-Postern-Id',
    'X-POSTERN-',
    'X-SMTPAPI',
    'X-MSYS-API',
    'X-MC-BccAddress',
    'X-Mailgun-Drop-Message',
    'X-SES-SOURCE-ARN',
    'X-PM-Message-Stream',
    'X-MJ-CustomID',
    'X-Mailin-Tag',
    'X-Sender',
    'X-Receiver',
    'X-Envelope-To',
    'X-Original-To',
    'X-Rcpt-To',
    'X-Bcc',
  ])('%s', (name) => {
    for (const spelling of [name, name.toLowerCase(), name.toUpperCase()]) {
      expect(headerProblem(spelling, 'value')?.field).toBe('name');
    }
  });

  it.each([
    ['an empty one', ''],
    ['a blank at the end', 'X-A '],
    ['a colon', 'X-A: b\r\nBcc'],
    ['a newline', 'X-A\n'],
    ['a line break and another header', 'X-A\r\nBcc'],
    ['a NUL', 'X-A\0'],
    ['a character that is not ASCII', 'X-É'],
    ['a full-width letter', 'Ｘ-A'],
    ['U+2028', 'X-A\u2028'],
  ])('with %s', (_, name) => {
    expect(headerProblem(name, 'value')?.field).toBe('name');
  });
});

describe('a custom header is refused for its value', () => {
  it.each([
    ['X-A', 'a\r\nBcc: evil@evil.test'],
    ['X-A', 'a\nb'],
    ['X-A', 'a\rb'],
    ['X-A', 'a\r\n folded'],
    ['X-A', 'a\tb'],
    ['X-A', 'a\0b'],
    ['X-A', 'a\u0085b'],
    ['X-A', 'a\u2028b'],
    ['X-A', 'a\u2029b'],
    ['X-A', 'a\u007fb'],
    ['X-A', 'a\ud800b'],
    ['X-A', ''],
    ['X-A', ' '],
    ['X-A', ' a'],
    ['X-A', 'a '],
    // Message ids go on the wire as they are: nothing but ASCII, nothing but ids.
    ['In-Reply-To', 'id@example.com'],
    ['In-Reply-To', '<id@exam\u2028ple.com>'],
    ['In-Reply-To', '<idé@example.com>'],
    ['In-Reply-To', '<id>'],
    ['In-Reply-To', '<a b@example.com>'],
    ['In-Reply-To', `<${'a'.repeat(201)}@example.com>`],
    ['References', '<a@example.com>,<b@example.com>'],
    ['References', '<a@example.com>  <b@example.com>'],
    ['References', '<a@example.com> evil@evil.test'],
    ['List-Id', 'news'],
    ['List-Id', 'Neuigkeiten für alle <news.example.com>'],
    ['List-Id', '<a> <b>'],
    ['List-Unsubscribe', 'https://example.com/leave'],
    ['List-Unsubscribe', '<http://example.com/leave>'],
    ['List-Unsubscribe', '<javascript:alert(1)>'],
    ['List-Unsubscribe', '<https://example.com/a b>'],
    ['List-Unsubscribe', '<https://example.com/é>'],
    ['List-Unsubscribe', '<https://example.com>, evil@evil.test'],
    ['List-Unsubscribe', '<mailto:a@example.com> (comment)'],
    ['List-Unsubscribe-Post', 'yes'],
    ['Auto-Submitted', 'auto-generated; owner=a'],
    ['Precedence', 'whatever'],
    ['Importance', 'highest'],
    ['Feedback-ID', 'é'],
  ])('%s: %j', (name, value) => {
    expect(headerProblem(name, value)?.field).toBe('value');
  });

  it('and the message says what is expected', () => {
    expect(headerProblem('Precedence', 'x')?.message).toContain('bulk');
    expect(headerProblem('In-Reply-To', 'x')?.message).toContain('<id@example.com>');
  });
});

describe('whatever name and value come in', () => {
  const name = fc.oneof(
    fc.constantFrom('X-A', 'In-Reply-To', 'References', 'List-Id', 'List-Unsubscribe', 'Comments', 'Bcc', 'To'),
    fc.string({ maxLength: 20 }).map((text) => `X-${text}`),
    fc.string({ unit: 'binary', maxLength: 20 }),
  );
  const value = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc
      .array(fc.constantFrom('<a@b.test>', ' ', '\r\n', '\n', '\u2028', 'é', 'Bcc: x', '<https://a.test>', ','))
      .map((pieces) => pieces.join('')),
  );

  it('what is taken is one line, and a name without colon that is none of the mail itself', () => {
    fc.assert(
      fc.property(name, value, (n, v) => {
        if (headerProblem(n, v) !== undefined) return;
        expect(`${n}${v}`).not.toMatch(/[\r\n\0\u0085\u2028\u2029]/);
        expect(n).toMatch(/^[\x21-\x39\x3b-\x7e]+$/);
        expect(n).not.toMatch(/^(?:to|cc|bcc|from|sender|date|subject|message-id|mime-|content-|dkim-|received)/i);
      }),
      { numRuns: 5000 },
    );
  });
});
