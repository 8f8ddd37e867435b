import { describe, expect, it } from '@jest/globals';

import { base64LinesLength, writeBase64Lines } from './base64-lines.js';

describe('writeBase64Lines', () => {
  // Around the ends of a line (57 octets) and of what is encoded at once (29,184).
  it.each([0, 1, 2, 3, 56, 57, 58, 113, 114, 115, 29_183, 29_184, 29_185, 100_000])(
    'writes %d octets in lines of 76',
    (size) => {
      const content = Buffer.from(Array.from({ length: size }, (_, i) => (i * 7919) & 0xff));
      const length = base64LinesLength(size);
      const out = Buffer.alloc(length + 2, '#');

      expect(writeBase64Lines(content, out, 1)).toBe(length + 1);
      const text = out.toString('latin1');
      expect(text).toBe(`#${content.toString('base64').replace(/.{76}(?=.)/g, '$&\r\n')}#`);
    },
  );
});
