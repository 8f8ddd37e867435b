import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import MailComposer from 'nodemailer/lib/mail-composer';
import PostalMime from 'postal-mime';
import type { Email } from 'postal-mime';

import type { Composition, Mailbox } from '../../../src/domain/message-draft.js';
import { renderMessage } from '../../../src/sending/render/render-message.js';
import { composition } from '../../support/composition.js';
import { arbitraryAttachment, arbitraryMailbox } from './arbitrary-composition.js';

/** The same message by the composer everybody uses. */
async function composeAsUsual(c: Composition): Promise<Buffer> {
  const mailboxes = (list: readonly Mailbox[]) =>
    list.map(({ address, name }) => ({ address: address.value, name: name ?? '' }));
  const composer = new MailComposer({
    from: mailboxes([c.from])[0],
    to: mailboxes(c.to),
    cc: mailboxes(c.cc),
    replyTo: mailboxes(c.replyTo),
    subject: c.subject,
    text: c.text,
    html: c.html,
    date: c.date,
    messageId: `<${c.messageIdHeader}>`,
    attachments: c.attachments.map(({ filename, contentType, contentId, content }) => ({
      filename,
      contentType,
      content,
      ...(contentId === undefined ? {} : { cid: contentId }),
    })),
  });
  return composer.compile().build();
}

/** What a reader sees of it. Line ends are CRLF in our base64, as RFC 2046 section 4.1.1 has it, and LF in the other's. */
function meaning({ from, to, cc, replyTo, subject, messageId, date, text, html, attachments }: Email): unknown {
  const files = attachments.map(({ filename, mimeType, content }) =>
    [filename, mimeType, Buffer.from(content as ArrayBuffer).toString('hex')].join(' '),
  );
  const bodies = [text, html].map((body) => body?.replaceAll('\r\n', '\n').trimEnd());
  return { from, to, cc, replyTo, subject, messageId, date, bodies, files: files.toSorted() };
}

// What both promise to carry: the odd inputs, on which the two differ, have their own tests.
const words = fc
  .array(fc.constantFrom('word', 'Grüße', '日本語', '🎉', 'a,b', '"q"', '(c)', "o'h", 'x'.repeat(90)), {
    minLength: 1,
    maxLength: 12,
  })
  .map((list) => list.join(' '));
const body = fc.array(words, { maxLength: 20 }).map((list) => `${list.join('\n')}\nend`);
const name = fc.option(words, { nil: undefined });
// Beside a local part in UTF-8 the other writes U-labels.
const ascii = arbitraryMailbox.filter(({ address }) => !address.utf8Local);
const someone = fc.tuple(ascii, name).map(([{ address }, given]) => ({ address, name: given }));
const file = fc
  .tuple(arbitraryAttachment, fc.constantFrom('a.pdf', 'Müll.pdf', '請求書 2026.pdf', `${'long '.repeat(20)}.pdf`))
  .map(([attachment, filename]) => ({ ...attachment, filename, contentId: undefined, contentType: 'application/pdf' }));

describe('a rendered message', () => {
  it('means the same as the one of the usual composer', async () => {
    const arbitrary = fc.record({
      from: someone,
      to: fc.array(someone, { minLength: 1, maxLength: 4 }),
      cc: fc.array(someone, { maxLength: 2 }),
      replyTo: fc.array(someone, { maxLength: 1 }),
      subject: words,
      text: body,
      html: body.map((text) => `<pre>${text}</pre>`),
      attachments: fc.array(file, { maxLength: 2 }),
    });
    await fc.assert(
      fc.asyncProperty(arbitrary, async (given) => {
        const c = composition(given);
        const [ours, usual] = await Promise.all([
          PostalMime.parse(renderMessage(c).raw),
          PostalMime.parse(await composeAsUsual(c)),
        ]);
        expect(meaning(ours)).toEqual(meaning(usual));
      }),
      { numRuns: 300 },
    );
  });
});
