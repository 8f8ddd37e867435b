import { describe, expect, it } from '@jest/globals';

import type { Attachment, Composition } from '../../../src/domain/message-draft.js';
import { renderMessage } from '../../../src/sending/render/render-message.js';
import { composition, mailbox } from '../../support/composition.js';
import type { StrictPart } from './strict-mime.js';
import { parseStrictly } from './strict-mime.js';

const file = (given: Partial<Attachment> = {}): Attachment => ({
  filename: 'a.pdf',
  contentType: 'application/pdf',
  contentId: undefined,
  content: Buffer.from('%PDF'),
  ...given,
});
const picture = file({ filename: 'logo.png', contentType: 'image/png', contentId: 'logo@x' });

/** `mixed(alternative(plain,html),pdf)` */
function outline(part: StrictPart): string {
  const type = part.headers.find(([name]) => name === 'Content-Type')?.[1] ?? '';
  const subtype = /^[a-z]+\/([a-z-]+)/.exec(type)?.[1] ?? '';
  return part.parts.length === 0 ? subtype : `${subtype}(${part.parts.map(outline).join(',')})`;
}

const headerNames = (raw: Buffer): string[] => parseStrictly(raw, true).headers.map(([name]) => name);

describe('renderMessage', () => {
  it('writes a plain message to the octet', () => {
    expect(renderMessage(composition({ headers: [['X-Campaign', 'autumn']] }))).toEqual({
      raw: Buffer.from(
        [
          'Date: Sun, 22 Nov 2026 09:01:02 +0000',
          'From: The Shop <shop@example.com>',
          'To: Ada Lovelace <ada@example.org>',
          'Subject: Your order',
          'Message-ID: <019a0000-0000-7000-8000-000000000001@example.com>',
          'X-Postern-Id: msg_019a0000000070008000000000000001',
          'X-Campaign: autumn',
          'MIME-Version: 1.0',
          'Content-Type: text/plain; charset=utf-8',
          'Content-Transfer-Encoding: 7bit',
          '',
          'It is on its way.',
          '',
        ].join('\r\n'),
      ),
      smtpUtf8: false,
    });
  });

  it.each<[string, Partial<Composition>, string]>([
    ['text', {}, 'plain'],
    ['html and a text made of it', { text: undefined, html: '<p>Hi</p>' }, 'alternative(plain,html)'],
    ['html with nothing to read', { text: undefined, html: '<img src="cid:logo@x">' }, 'html'],
    ['text and html', { html: '<p>Hi</p>' }, 'alternative(plain,html)'],
    ['an attachment', { attachments: [file()] }, 'mixed(plain,pdf)'],
    ['an inline picture', { html: '<p>Hi</p>', attachments: [picture] }, 'alternative(plain,related(html,png))'],
    [
      'all of it',
      { html: '<p>Hi</p>', attachments: [file(), picture, file()] },
      'mixed(alternative(plain,related(html,png)),pdf,pdf)',
    ],
    ['an inline picture and no html to show it', { attachments: [picture] }, 'mixed(plain,png)'],
    [
      'an inline text, which a reader would add to the body',
      { html: '<p>Hi</p>', attachments: [file({ contentType: 'text/csv', contentId: 'a' })] },
      'mixed(alternative(plain,html),csv)',
    ],
    ['neither text nor html', { text: undefined }, 'plain'],
    [
      'a type that would be parsed',
      { attachments: [file({ contentType: 'message/rfc822' }), file({ contentType: 'multipart/mixed' })] },
      'mixed(plain,octet-stream,octet-stream)',
    ],
    [
      'a type that is none',
      { attachments: [file({ contentType: 'text/html;\r\nX: y' })] },
      'mixed(plain,octet-stream)',
    ],
  ])('builds the parts of %s', (_, given, parts) => {
    expect(outline(parseStrictly(renderMessage(composition(given)).raw, false))).toBe(parts);
  });

  it('describes an attachment and an inline picture', () => {
    const { raw } = renderMessage(
      composition({ html: '<p>Hi</p>', attachments: [file({ filename: 'Müll.pdf' }), picture] }),
    );
    const text = raw.toString('latin1');
    expect(text).toContain(
      [
        'Content-Type: application/pdf;',
        ' name="Mull.pdf"',
        'Content-Transfer-Encoding: base64',
        'Content-Disposition: attachment;',
        ` filename*=utf-8''M%C3%BCll.pdf`,
        '',
        'JVBERg==',
      ].join('\r\n'),
    );
    expect(text).toContain('Content-ID: <logo@x>\r\nContent-Disposition: inline;\r\n filename="logo.png"');
    expect(text).toContain('Content-Type: multipart/related;\r\n type="text/html";\r\n boundary=');
  });

  it.each<[string, Partial<Composition>, string[]]>([
    ['to', {}, ['To']],
    ['to and cc', { cc: [mailbox('a@example.org')] }, ['To', 'Cc']],
    ['cc alone', { to: [], cc: [mailbox('a@example.org')] }, ['Cc']],
    ['bcc alone', { to: [] }, ['To']],
    ['an address to answer to', { replyTo: [mailbox('a@example.org')] }, ['Reply-To', 'To']],
  ])('names the recipients of %s', (_, given, names) => {
    const found = headerNames(renderMessage(composition(given)).raw).filter((name) =>
      /^(?:To|Cc|Bcc|Reply-To)$/.test(name),
    );
    expect(found).toEqual(names);
  });

  it('names nobody when all recipients are blind', () => {
    expect(renderMessage(composition({ to: [] })).raw.toString()).toContain('\r\nTo: undisclosed-recipients:;\r\n');
  });

  it.each(['from', 'to', 'cc', 'replyTo'] as const)(
    'writes an address in UTF-8 as it is and asks for SMTPUTF8: %s',
    (field) => {
      const zoe = mailbox('zoë@bücher.example', 'Zoë');
      const { raw, smtpUtf8 } = renderMessage(composition({ [field]: field === 'from' ? zoe : [zoe] }));
      expect(smtpUtf8).toBe(true);
      expect(raw.toString('utf8')).toContain(': =?utf-8?Q?Zo=C3=AB?= <zoë@xn--bcher-kva.example>\r\n');
    },
  );

  it('renders the same message to the same octets', () => {
    const given = { html: '<p>Grüße</p>', attachments: [file(), picture] };
    expect(renderMessage(composition(given)).raw.equals(renderMessage(composition(given)).raw)).toBe(true);
  });

  it.each<[string, Partial<Composition>]>([
    ['a message id with a line end', { messageIdHeader: 'a@b\r\nBcc: e@evil.test' }],
    ['a message id without a domain', { messageIdHeader: 'a' }],
    ['an id with a line end', { correlationId: 'a\r\nb' }],
    ['a header name with a colon', { headers: [['X: y\r\nBcc', 'e@evil.test']] }],
    ['an empty header name', { headers: [['', 'x']] }],
    ['a content id with a line end', { attachments: [file({ contentId: 'a\r\nb' })] }],
    ['a content id with a bracket', { attachments: [file({ contentId: 'a>b' })] }],
    ['no date', { date: new Date(NaN) }],
  ])('refuses %s', (_, given) => {
    expect(() => renderMessage(composition(given))).toThrow(TypeError);
  });

  it.each([
    'Bcc',
    'bcc',
    'To',
    'Cc',
    'From',
    'Sender',
    'Reply-To',
    'Resent-Bcc',
    'Content-Type',
    'MIME-Version',
    'Message-ID',
    'Date',
    'Subject',
    'X-Postern-Id',
    'Received',
    'Return-Path',
  ])('refuses %s as a custom header', (name) => {
    expect(() => renderMessage(composition({ headers: [[name, 'x@evil.test']] }))).toThrow(TypeError);
  });

  it('takes no longer than it has to for large messages', () => {
    const started = performance.now();
    const line = 'A line of text with an é in it, as long as lines are.\r\n';
    renderMessage(
      composition({
        text: line.repeat(40_000),
        html: `<p>${line}</p>`.repeat(40_000),
        attachments: [file({ content: Buffer.alloc(10 << 20, 'x') })],
      }),
    );
    expect(performance.now() - started).toBeLessThan(3000);
  });
});
