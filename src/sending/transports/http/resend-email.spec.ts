import { describe, expect, it } from '@jest/globals';
import { parseEmailAddress } from '../../../domain/email-address.js';
import type { Composition, Mailbox } from '../../../domain/message-draft.js';
import { resendEmail } from './resend-email.js';

function mailbox(address: string, name?: string): Mailbox {
  const parsed = parseEmailAddress(address);
  if (parsed === undefined) throw new Error(`Not an address: ${address}`);
  return { address: parsed, name };
}

function composition(given: Partial<Composition> = {}): Composition {
  return {
    from: mailbox('shop@example.com', 'The Shop'),
    to: [mailbox('ada@example.org', 'Ada'), mailbox('bob@example.org')],
    cc: [mailbox('carl@example.org')],
    replyTo: [],
    subject: 'Your order',
    text: 'It is on its way.',
    html: undefined,
    headers: [],
    attachments: [],
    messageIdHeader: 'id@example.com',
    date: new Date('2026-11-22T09:01:02Z'),
    correlationId: 'msg_1',
    ...given,
  };
}

describe('resendEmail', () => {
  it('names the one recipient of the envelope and nobody else', () => {
    expect(resendEmail({ to: 'bob@example.org', recipientKey: 't_m_0' }, composition())).toEqual({
      from: 'The Shop <shop@example.com>',
      to: ['bob@example.org'],
      subject: 'Your order',
      text: 'It is on its way.',
      headers: { 'X-Postern-Id': 'msg_1' },
      tags: [
        { name: 'postern_id', value: 'msg_1' },
        { name: 'postern_recipient', value: 't_m_0' },
      ],
    });
  });

  it.each([
    [undefined, 'a@example.com'],
    ['', 'a@example.com'],
    ['Jürgen Müller', 'Jürgen Müller <a@example.com>'],
    ['Acme, Inc.', '"Acme, Inc." <a@example.com>'],
    ['x <b@example.com>, y', '"x <b@example.com>, y" <a@example.com>'],
    [String.raw`"quoted" \ `, String.raw`"\"quoted\" \\" <a@example.com>`],
    ['a\r\nBcc: b@example.com', '"a Bcc: b@example.com" <a@example.com>'],
  ])('writes the name %j so that it cannot be read as a mailbox', (name, expected) => {
    const replyTo = [mailbox('a@example.com', name)];
    expect(resendEmail({ to: 'b@example.org', recipientKey: 't_m_0' }, composition({ replyTo })).reply_to).toEqual([
      expected,
    ]);
  });

  it('forwards headers, but none that is written elsewhere or that a server takes as a command', () => {
    const headers = [
      ['List-Unsubscribe', '<https://example.com/leave>'],
      ['X-Order', '7\r\nBcc: b@example.com'],
      ['Bcc', 'evil@example.com'],
      ['Message-ID', '<other@example.com>'],
      ['Content-Type', 'text/html'],
      ['X-SES-Configuration-Set', 'other'],
      ['Resend-Idempotency-Key', 'other'],
    ] as const;
    expect(resendEmail({ to: 'b@example.org', recipientKey: 't_m_0' }, composition({ headers })).headers).toEqual({
      'List-Unsubscribe': '<https://example.com/leave>',
      'X-Order': '7 Bcc: b@example.com',
      'X-Postern-Id': 'msg_1',
    });
  });

  it('gives the text of its own to a mail that has only HTML', () => {
    const email = resendEmail(
      { to: 'b@example.org', recipientKey: 't_m_0' },
      composition({ text: undefined, html: '<p>Hello <b>you</b></p>' }),
    );
    expect(email).toMatchObject({ html: '<p>Hello <b>you</b></p>', text: 'Hello you' });
    expect(
      resendEmail(
        { to: 'b@example.org', recipientKey: 't_m_0' },
        composition({ text: undefined, html: '<img src="x">' }),
      ).text,
    ).toBe('');
  });

  it('carries attachments as base64, inline ones by their content id', () => {
    const content = Buffer.from([0, 255]);
    const attachments = [
      { filename: 'a.png', contentType: 'image/png', contentId: 'logo', content },
      { filename: 'b.pdf', contentType: 'application/pdf', contentId: undefined, content },
    ];
    expect(
      resendEmail({ to: 'b@example.org', recipientKey: 't_m_0' }, composition({ attachments })).attachments,
    ).toEqual([
      { filename: 'a.png', content: 'AP8=', content_type: 'image/png', content_id: 'logo' },
      { filename: 'b.pdf', content: 'AP8=', content_type: 'application/pdf' },
    ]);
  });
});
