import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { encodeBody, normaliseNewlines } from './encode-body.js';

describe('normaliseNewlines', () => {
  it.each([
    ['a\nb', 'a\r\nb'],
    ['a\r\nb', 'a\r\nb'],
    ['a\rb', 'a\r\nb'],
    ['a\r\r\nb', 'a\r\nb'],
    ['a\r\r\r\nb', 'a\r\nb'],
    ['a\r\rb', 'a\r\n\r\nb'],
    ['a\n\rb', 'a\r\n\r\nb'],
    ['\r\n.\r\n', '\r\n.\r\n'],
    ['\n.\r', '\r\n.\r\n'],
    ['', ''],
  ])('turns %j into %j', (text, normal) => {
    expect(normaliseNewlines(text)).toBe(normal);
  });

  it('reads a long run of CRs once', () => {
    const started = performance.now();
    expect(normaliseNewlines(`${'\r'.repeat(500_000)}x`)).toHaveLength(1_000_001);
    expect(performance.now() - started).toBeLessThan(1000);
  });

  it('leaves no bare CR or LF, and is done after once', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('\r', '\n', 'a'), maxLength: 40 }), (text) => {
        const normal = normaliseNewlines(text);
        expect(normal.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
        expect(normaliseNewlines(normal)).toBe(normal);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('encodeBody', () => {
  it.each([
    ['plain text', 'Hello\tyou\n.\n', '7bit'],
    ['a line of 998', `${'x'.repeat(998)}\n${'x'.repeat(998)}`, '7bit'],
    ['a line of 999', `${'x'.repeat(998)}\n${'x'.repeat(999)}`, 'quoted-printable'],
    ['a line of 999 that ends', `${'x'.repeat(999)}\ny`, 'quoted-printable'],
    ['much ASCII, some UTF-8', 'Viele Grüße aus dem schönen Köln am Rhein', 'quoted-printable'],
    ['another script', 'こんにちは世界', 'base64'],
    ['NUL', 'abcdefghij\0', 'quoted-printable'],
    ['DEL', 'abcdefghij\u007f', 'quoted-printable'],
    ['a control character far behind', `${'x\n'.repeat(40_000)}\u001b`, 'quoted-printable'],
    ['UTF-8 far behind', `${'x\n'.repeat(40_000)}é`, 'quoted-printable'],
    ['short lines with some UTF-8', 'a\nb\nc\nd\ne\nf\ng\né\n', 'quoted-printable'],
    ['nothing', '', '7bit'],
  ])('carries %s', (_, text, transferEncoding) => {
    expect(encodeBody(text).transferEncoding).toBe(transferEncoding);
  });

  it.each([
    ['the equals sign and UTF-8', 'a=b é and some more text', 'a=3Db =C3=A9 and some more text'],
    ['blanks at line ends', 'é and some more text \n\t\nb ', '=C3=A9 and some more text=20\r\n=09\r\nb=20'],
    ['dots at line starts', '.é and some more text\n.\n..b', '=2E=C3=A9 and some more text\r\n=2E\r\n=2E.b'],
    ['soft line breaks before 76', `é${'x'.repeat(100)}`, `=C3=A9${'x'.repeat(69)}=\r\n${'x'.repeat(31)}`],
    ['a code point on one line', `é${'x'.repeat(67)}é`, `=C3=A9${'x'.repeat(67)}=\r\n=C3=A9`],
  ])('writes %s in quoted-printable', (_, text, content) => {
    expect(encodeBody(text)).toEqual({ transferEncoding: 'quoted-printable', content });
  });

  it('is undone by a decoder, with short lines of printable ASCII', () => {
    const unit = fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom('a', 'b', ' ', '\n', '\r\n', '.', '=', '\t', 'x'.repeat(75)) },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }) },
    );
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 300 }), (text) => {
        const { transferEncoding, content } = encodeBody(text);
        if (typeof content !== 'string') {
          expect(content.toString('utf8')).toBe(normaliseNewlines(text));
          return;
        }
        if (transferEncoding === '7bit') {
          expect(content).toBe(normaliseNewlines(text));
          return;
        }
        for (const line of content.split('\r\n')) expect(line).toMatch(/^(?:[ -~\t]{0,75}[!-~])?$/);
        const octets = content
          .replaceAll('=\r\n', '')
          .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
        expect(Buffer.from(octets, 'latin1').toString('utf8')).toBe(normaliseNewlines(text));
      }),
      { numRuns: 2000 },
    );
  });

  it.each(['.', ' ', '\0', '=', '. ', ' \n', '.\n', '\0\n', 'é ', '🎉'])('has room for a text of %j only', (unit) => {
    const text = `é${'plain text '.repeat(500)}\n${unit.repeat(500)}`;
    const { content } = encodeBody(text);
    if (typeof content !== 'string') return;
    const octets = content
      .replaceAll('=\r\n', '')
      .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
    expect(Buffer.from(octets, 'latin1').toString('utf8')).toBe(normaliseNewlines(text));
  });
});
