import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { encodeWords, looksEncoded } from './encode-words.js';

/** By the letter of RFC 2047, each word for itself: none may lean on its neighbour. */
function decode(words: readonly string[]): string {
  return words
    .map((word) => {
      const [, encoding, text] = /^=\?utf-8\?([BQ])\?([!-~]*)\?=$/.exec(word) ?? [];
      if (text === undefined) return word;
      if (encoding === 'B') return Buffer.from(text, 'base64').toString('utf8');
      const octets = text
        .replaceAll('_', ' ')
        .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
      return Buffer.from(octets, 'latin1').toString('utf8');
    })
    .join('');
}

describe('encodeWords', () => {
  it.each([
    ['mostly ASCII as Q', 'Viele Grüße aus Bonn', ['=?utf-8?Q?Viele_Gr=C3=BC=C3=9Fe_aus_Bonn?=']],
    ['another script as B', 'こんにちは', ['=?utf-8?B?44GT44KT44Gr44Gh44Gv?=']],
    ['specials encoded, so that a name stays a name', 'a"<b>,(c)é', ['=?utf-8?B?YSI8Yj4sKGMpw6k=?=']],
    ['a lone surrogate as the replacement character', 'a\ud800', ['=?utf-8?B?Ye+/vQ==?=']],
    ['nothing', '', []],
  ])('writes %s', (_, text, words) => {
    expect(encodeWords(text)).toEqual(words);
  });

  it('asks for a fold when there is no room for a word', () => {
    expect(encodeWords('ä', 20)).toEqual(['', '=?utf-8?B?w6Q=?=']);
  });

  it('never tears a code point nor exceeds 75 characters, and loses nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.integer({ min: 1, max: 75 }), (text, room) => {
        const words = encodeWords(text, room);
        for (const word of words) expect(word.length).toBeLessThanOrEqual(75);
        if (text !== '') expect(words[0]?.length).toBeLessThanOrEqual(room);
        expect(decode(words)).toBe(text);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('looksEncoded', () => {
  it.each(['=?utf-8?Q?x?=', 'a =?x?b?', '=?a b?q?'])('is true for %s', (text) => {
    expect(looksEncoded(text)).toBe(true);
  });

  it.each(['', '=?', 'a=?b', 'https://x.test/?a=?b&c=?d', '=?utf-8?X?x?='])('is false for %s', (text) => {
    expect(looksEncoded(text)).toBe(false);
  });

  it('reads a long text once', () => {
    const started = performance.now();
    looksEncoded('=?'.repeat(500_000));
    expect(performance.now() - started).toBeLessThan(1000);
  });
});
