import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import type { Composition } from '../../../src/domain/message-draft.js';
import { renderMessage } from '../../../src/sending/render/render-message.js';
import { arbitraryComposition, nastyText } from './arbitrary-composition.js';
import type { StrictPart } from './strict-mime.js';
import { parseStrictly } from './strict-mime.js';

const leaves = (part: StrictPart): StrictPart[] => (part.parts.length === 0 ? [part] : part.parts.flatMap(leaves));

/** What the headers have to be, by name and in order. */
function expectedHeaders(c: Composition): string[] {
  return [
    'Date',
    'From',
    ...(c.replyTo.length > 0 ? ['Reply-To'] : []),
    ...(c.to.length > 0 || c.cc.length === 0 ? ['To'] : []),
    ...(c.cc.length > 0 ? ['Cc'] : []),
    'Subject',
    'Message-ID',
    'X-Postern-Id',
    ...c.headers.map(([name]) => name),
    'MIME-Version',
    'Content-Type',
  ];
}

/** The addresses of a header, read with quotes and encoded words taken off. */
function addresses(value: string): string[] {
  const bare = value.replace(/"(?:[^"\\]|\\.)*"/g, '').replace(/=\?utf-8\?[BQ]\?[!-~]*?\?=/g, '');
  return bare.split(',').map((mailbox) => /<([^<>]*)>\s*$/.exec(mailbox)?.[1] ?? mailbox.trim());
}

const wire = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

describe('a rendered message', () => {
  it('has the headers, recipients and parts that were meant, whatever is in its texts', () => {
    fc.assert(
      fc.property(arbitraryComposition, (c) => {
        const { raw, smtpUtf8 } = renderMessage(c);
        const message = parseStrictly(raw, smtpUtf8);
        const names = message.headers.map(([name]) => name);
        expect(names.filter((name) => name !== 'Content-Transfer-Encoding')).toEqual(expectedHeaders(c));

        for (const [header, list] of [
          ['From', [c.from]],
          ['To', c.to],
          ['Cc', c.cc],
          ['Reply-To', c.replyTo],
        ] as const) {
          if (list.length === 0) continue;
          const value = message.headers.find(([name]) => name === header)?.[1] ?? '';
          expect(addresses(value)).toEqual(list.map((mailbox) => wire(mailbox.address.value)));
        }

        const parts = leaves(message);
        const attached = parts.filter((part) => part.headers.some(([name]) => name === 'Content-Disposition'));
        expect(attached).toHaveLength(c.attachments.length);
        expect(parts.length - attached.length).toBeLessThanOrEqual(2);
      }),
      { numRuns: 1500 },
    );
  });

  it('is refused or sound when even what the domain checks is wrong', () => {
    const nastyComposition = fc
      .tuple(
        arbitraryComposition,
        fc.record(
          {
            messageIdHeader: nastyText(3),
            correlationId: nastyText(3),
            headers: fc.array(fc.tuple(nastyText(2), nastyText(3)), { minLength: 1, maxLength: 2 }),
            attachments: fc.array(
              fc.record({
                filename: nastyText(3),
                contentType: nastyText(3),
                contentId: fc.option(nastyText(2), { nil: undefined }),
                content: fc.constant(Buffer.from('x')),
              }),
              { maxLength: 2 },
            ),
          },
          { requiredKeys: [] },
        ),
      )
      .map(([sound, nasty]) => ({ ...sound, ...nasty }));
    fc.assert(
      fc.property(nastyComposition, (c) => {
        let rendered;
        try {
          rendered = renderMessage(c);
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError);
          return;
        }
        const message = parseStrictly(rendered.raw, rendered.smtpUtf8);
        const names = message.headers.map(([name]) => name).filter((name) => name !== 'Content-Transfer-Encoding');
        expect(names).toEqual(expectedHeaders(c));
        expect(leaves(message).length).toBeLessThanOrEqual(2 + c.attachments.length);
      }),
      { numRuns: 1000 },
    );
  });
});
