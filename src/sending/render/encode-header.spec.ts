import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { encodeHeader } from './encode-header.js';

const words = (count: number): string => Array.from({ length: count }, (_, i) => `word${i}`).join(' ');

describe('encodeHeader', () => {
  it.each([
    ['short ASCII as it is', 'Your order', 'Subject: Your order\r\n'],
    ['an empty value', '', 'Subject: \r\n'],
    ['line ends as a blank', 'a\r\nBcc: e@evil.test', 'Subject: a Bcc: e@evil.test\r\n'],
    ['other controls as a blank, blanks around trimmed', '\0a\tb\u0085c\u007f', 'Subject: a b c\r\n'],
    ['what looks encoded as encoded', '=?utf-8?Q?x?=', 'Subject: =?utf-8?B?PT91dGYtOD9RP3g/PQ==?=\r\n'],
    ['UTF-8 as encoded words', 'Schön', 'Subject: =?utf-8?B?U2Now7Zu?=\r\n'],
    ['a long word unbroken', `a ${'b'.repeat(200)} c`, `Subject: a\r\n ${'b'.repeat(200)}\r\n c\r\n`],
  ])('writes %s', (_, value, line) => {
    expect(encodeHeader('Subject', value)).toBe(line);
  });

  it('folds at blanks so that lines keep to 78 characters', () => {
    const header = encodeHeader('Subject', words(40));
    for (const line of header.trimEnd().split('\r\n')) expect(line.length).toBeLessThanOrEqual(78);
    expect(header.replaceAll('\r\n', '')).toBe(`Subject: ${words(40)}`);
  });

  it.each([
    ['a word that no line can hold', 'b'.repeat(990)],
    ['blanks that no line can hold', `a${' '.repeat(2000)}b`],
  ])('encodes %s', (_, value) => {
    expect(encodeHeader('Subject', value)).toMatch(/^Subject: =\?utf-8\?/);
  });

  it('is one header of good lines, whatever name and value', () => {
    const value = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc
        .array(fc.constantFrom(' ', '  ', 'a', '\r\n', 'ü', 'x'.repeat(80), ' '.repeat(90), 'y'.repeat(999)), {
          maxLength: 30,
        })
        .map((p) => p.join('')),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 76 }), value, (length, text) => {
        const header = encodeHeader('X'.repeat(length), text);
        expect(header.endsWith('\r\n')).toBe(true);
        const [first = '', ...rest] = header.slice(0, -2).split('\r\n');
        expect(first.startsWith(`${'X'.repeat(length)}: `)).toBe(true);
        for (const line of rest) expect(line).toMatch(/^ +[!-~]/);
        for (const line of [first, ...rest]) {
          expect(line).toMatch(/^[ -~]*$/);
          expect(line.length).toBeLessThanOrEqual(998);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('reads a long value once', () => {
    const started = performance.now();
    encodeHeader('Subject', `${'a '.repeat(100)}${' '.repeat(500_000)}b`);
    encodeHeader('Subject', 'a '.repeat(250_000));
    expect(performance.now() - started).toBeLessThan(1000);
  });
});
