import fc from 'fast-check';

import { parseEmailAddress } from '../../../src/domain/email-address.js';
import type { Attachment, Composition, Mailbox } from '../../../src/domain/message-draft.js';
import { composition } from '../../support/composition.js';

/** Pieces that have meant something to somebody: line ends, ends of headers, addresses, words and parts. */
const PIECES = [
  '\r\n',
  '\n',
  '\r',
  '\r\r\n',
  '\r\n\r\n',
  '\r\n.\r\n',
  '\n.\n',
  '\0',
  '\t',
  ' ',
  '  ',
  '.',
  '..',
  '=',
  '=3D',
  '=\r\n',
  '%',
  "''",
  '"',
  '\\',
  '<',
  '>',
  ',',
  ';',
  ':',
  '(',
  ')',
  '@',
  '--',
  'From ',
  '\r\nBcc: eve@evil.test\r\n',
  '<eve@evil.test>',
  ', eve@evil.test',
  '=?utf-8?Q?x?=',
  '=?utf-8?B?',
  '?=',
  '=?',
  '--=_1_019a0000-0000-7000-8000-000000000001_example.com',
  '\u2028',
  '\u0085',
  '\u00a0',
  'é',
  'ß',
  '日本語',
  '🎉',
  '👩‍👩‍👧',
  'e\u0301',
  'word',
  'Grüße',
  'x'.repeat(80),
  'long '.repeat(30),
  'y'.repeat(1000),
];

/** Half of it meant harm. */
export const nastyText = (maxPieces: number): fc.Arbitrary<string> =>
  fc
    .array(
      fc.oneof(
        { weight: 4, arbitrary: fc.constantFrom(...PIECES) },
        { weight: 2, arbitrary: fc.string({ maxLength: 20 }) },
        { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 10 }) },
      ),
      { maxLength: maxPieces },
    )
    // A byte order mark at the start of a text is dropped by every decoder.
    .map((pieces) => pieces.join('').replaceAll('\ufeff', ''));

const localPart = fc.oneof(
  { weight: 4, arbitrary: fc.stringMatching(/^[a-z0-9][a-z0-9+_-]{0,12}(?:\.[a-z0-9+_-]{1,8}){0,2}$/) },
  { weight: 1, arbitrary: fc.constantFrom("o'hara", '!#$%&*/^`{|}~', 'ünïcode', '用户', 'зоя', 'a=b') },
);
const domain = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('example.com', 'mail.example.org', 'a.test') },
  { weight: 1, arbitrary: fc.constantFrom('bücher.example', '例え.test', 'xn--bcher-kva.example') },
);

export const arbitraryMailbox: fc.Arbitrary<Mailbox> = fc
  .record({ local: localPart, domain, name: fc.option(nastyText(6), { nil: undefined }) })
  .map((given) => {
    const address = parseEmailAddress(`${given.local}@${given.domain}`);
    if (address === undefined) throw new Error(`Not an address: ${given.local}@${given.domain}`);
    return { address, name: given.name };
  });

export const arbitraryAttachment: fc.Arbitrary<Attachment> = fc.record({
  // Some readers decode what looks like an encoded word even in a name that says how it is encoded.
  filename: nastyText(5).map((text) => text.replaceAll('=?', '=!')),
  contentType: fc.constantFrom('application/pdf', 'image/png', 'text/plain', 'text/html', 'application/octet-stream'),
  contentId: fc.option(fc.stringMatching(/^[a-z0-9._+-]{1,20}(?:@[a-z0-9.-]{1,20})?$/), { nil: undefined }),
  content: fc.uint8Array({ maxLength: 300 }).map((octets) => Buffer.from(octets)),
});

const body = fc.option(nastyText(30), { nil: undefined });

export const arbitraryComposition: fc.Arbitrary<Composition> = fc
  .record({
    from: arbitraryMailbox,
    to: fc.array(arbitraryMailbox, { maxLength: 4 }),
    cc: fc.array(arbitraryMailbox, { maxLength: 2 }),
    replyTo: fc.array(arbitraryMailbox, { maxLength: 2 }),
    subject: nastyText(12),
    text: body,
    html: body,
    headers: fc.array(fc.tuple(fc.stringMatching(/^X-[A-Z][a-z0-9]{0,20}$/), nastyText(8)), { maxLength: 3 }),
    attachments: fc.array(arbitraryAttachment, { maxLength: 3 }),
  })
  .map((given) => composition(given));
