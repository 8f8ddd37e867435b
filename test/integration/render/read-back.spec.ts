import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import PostalMime, { decodeWords } from 'postal-mime';
import type { Address, Email } from 'postal-mime';

import type { Composition, Mailbox } from '../../../src/domain/message-draft.js';
import { renderMessage } from '../../../src/sending/render/render-message.js';
import { arbitraryComposition } from './arbitrary-composition.js';

const read = async (c: Composition): Promise<Email> => PostalMime.parse(renderMessage(c).raw);

/** A text that stays on one line: blanks for controls, as it is promised, and blanks at the ends trimmed. */
const oneLine = (text: string | undefined): string =>
  (text ?? '')
    .toWellFormed()
    .replace(/\p{Cc}+/gu, ' ')
    .trim();

/** A body: newlines of one kind. The last one belongs to the parser. */
function lines(text: string | undefined): string {
  return (text ?? '').toWellFormed().replace(/\r+\n/g, '\n').replaceAll('\r', '\n').replace(/\n+$/, '');
}

const sent = (mailboxes: readonly Mailbox[]) =>
  mailboxes.map(({ address, name }) => ({ address: address.value, name: oneLine(name) }));
const found = (list: readonly Address[] | undefined) =>
  (list ?? []).map(({ address, name }) => ({ address, name: oneLine(name) }));

describe('a rendered message, read by a parser that is not ours', () => {
  it('says what was meant', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryComposition, async (c) => {
        const email = await read(c);
        expect(email.subject ?? '').toBe(oneLine(c.subject));
        expect(found(email.from ? [email.from] : [])).toEqual(sent([c.from]));
        expect(found(email.cc)).toEqual(sent(c.cc));
        expect(found(email.replyTo)).toEqual(sent(c.replyTo));
        expect(email.bcc).toBeUndefined();
        expect(email.messageId).toBe(`<${c.messageIdHeader}>`);
        if (c.to.length > 0) expect(found(email.to)).toEqual(sent(c.to));

        if (c.text !== undefined) expect(lines(email.text)).toBe(lines(c.text));
        if (c.html !== undefined) expect(lines(email.html)).toBe(lines(c.html));

        const custom = email.headers.filter(({ key }) => key.startsWith('x-') && key !== 'x-postern-id');
        expect(custom.map(({ value }) => decodeWords(value).trim()).toSorted()).toEqual(
          c.headers.map(([, value]) => oneLine(value)).toSorted(),
        );

        const received = email.attachments.map(({ filename, mimeType, contentId, content }) =>
          described(filename ?? '', mimeType, contentId, Buffer.from(content as ArrayBuffer)),
        );
        const attached = c.attachments.map(({ filename, contentType, contentId, content }) =>
          described(filename, contentType, contentId === undefined ? undefined : `<${contentId}>`, content),
        );
        // Inline attachments come before the others.
        expect(received.toSorted()).toEqual(attached.toSorted());
      }),
      { numRuns: 1000 },
    );
  });
});

function described(filename: string, type: string, contentId: string | undefined, content: Buffer): string {
  return [oneLine(filename), type, contentId, content.toString('hex')].join('|');
}
