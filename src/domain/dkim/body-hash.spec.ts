import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bodyHash } from './body-hash.js';

const sha256 = (text: string): string => createHash('sha256').update(text, 'latin1').digest('base64');

/** RFC 6376 section 3.4.4 by its words, on a string. */
function relaxed(body: string): string {
  const lines = body.split('\r\n').map((line) => line.replace(/[\t ]+$/, '').replace(/[\t ]+/g, ' '));
  while (lines.at(-1) === '') lines.pop();
  return lines.map((line) => `${line}\r\n`).join('');
}

const PIECES = [
  'a',
  'word',
  ' ',
  '  ',
  '\t',
  ' \t ',
  '\r\n',
  '\r\n\r\n',
  '\r',
  '\n',
  '\0',
  '\xff',
  '.',
  'x'.repeat(9000),
];

describe('bodyHash', () => {
  it('knows the empty body, and the example of RFC 6376 section 3.4.5', () => {
    expect(bodyHash(Buffer.from(''), 0)).toBe('47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=');
    expect(bodyHash(Buffer.from(' C \r\nD \t E\r\n\r\n\r\n'), 0)).toBe(sha256(' C\r\nD E\r\n'));
  });

  it('begins where it is told', () => {
    expect(bodyHash(Buffer.from('head\r\n\r\n body'), 8)).toBe(sha256(' body\r\n'));
  });

  it('does what the words of the RFC say, whatever the body', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...PIECES), { maxLength: 40 }), (pieces) => {
        const body = pieces.join('');
        expect(bodyHash(Buffer.from(body, 'latin1'), 0)).toBe(sha256(relaxed(body)));
      }),
      { numRuns: 2000 },
    );
  });
});
