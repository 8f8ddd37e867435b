import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { encodeParameter, encodePlainParameter } from './encode-parameter.js';

describe('encodeParameter', () => {
  it.each([
    ['plain ASCII', 'invoice 1.pdf', ';\r\n filename="invoice 1.pdf"'],
    ['UTF-8 extended', 'Müll.pdf', `;\r\n filename*=utf-8''M%C3%BCll.pdf`],
    ['quotes extended', 'a"b.pdf', `;\r\n filename*=utf-8''a%22b.pdf`],
    ['a backslash extended', 'a\\b.pdf', `;\r\n filename*=utf-8''a%5Cb.pdf`],
    ['what looks encoded extended', '=?utf-8?Q?x?=', `;\r\n filename*=utf-8''%3D%3Futf-8%3FQ%3Fx%3F%3D`],
    ['line ends as a blank', 'a\r\nX: b', ';\r\n filename="a X: b"'],
    ['nothing for nothing', '\r\n', ''],
  ])('writes %s', (_, value, parameter) => {
    expect(encodeParameter('filename', value)).toBe(parameter);
  });

  it('continues a long value in numbered segments', () => {
    const value = `${'ä'.repeat(30)}.pdf`;
    const lines = encodeParameter('filename', value).split(';\r\n ').slice(1);
    expect(lines.map((line) => /^filename\*\d+\*=/.exec(line)?.[0])).toEqual([
      'filename*0*=',
      'filename*1*=',
      'filename*2*=',
      'filename*3*=',
    ]);
  });

  it('loses nothing, tears no code point, and keeps each line to 76 characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 1500 }), (text) => {
        const value = `é${text}é`;
        const lines = encodeParameter('filename', value).split('\r\n ').slice(1);
        const values = lines.map((line) =>
          line
            .replace(/^filename\*(?:\d+\*)?=/, '')
            .replace(/^utf-8''/, '')
            .replace(/;$/, ''),
        );
        for (const line of lines) expect(line.length + 1).toBeLessThanOrEqual(76);
        expect(values.map((part) => decodeURIComponent(part)).join('')).toBe(value.replace(/\p{Cc}+/gu, ' '));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('encodePlainParameter', () => {
  it.each([
    ['accents taken off', 'Crème brûlée.pdf', 'Creme brulee.pdf'],
    ['other scripts as underscores', '日本.pdf', '__.pdf'],
    ['quotes and backslashes as underscores', 'a"b\\c.txt', 'a_b_c.txt'],
    ['what looks encoded broken', '=?utf-8?Q?x?=', '_?utf-8?Q?x?='],
    ['a long name cut, the extension kept', `${'x'.repeat(200)}.tar.gz`, `${'x'.repeat(64)}.gz`],
  ])('writes %s', (_, value, plain) => {
    expect(encodePlainParameter('name', value)).toBe(`;\r\n name="${plain}"`);
  });
});
