import { describe, expect, it } from '@jest/globals';
import { MAX_REPLY_LENGTH, ReplyReader } from './reply-reader.js';

function readAll(chunks: readonly (string | Buffer)[]): string[] {
  const reader = new ReplyReader();
  return chunks.flatMap((chunk) => [...reader.read(Buffer.from(chunk))]);
}

const DIALOGUE = '250-first\r\n250-\r\n250 last\r\n\r\n354 go\n550 5.1.1 gr\u00fc\u00dfe\r\n';
const REPLIES = ['250-first\n250-\n250 last', '354 go', '550 5.1.1 grüße'];

describe('ReplyReader', () => {
  it('reads several replies at once, and lines that belong together as one', () => {
    expect(readAll([DIALOGUE])).toEqual(REPLIES);
  });

  it('does not depend on how the bytes were cut', () => {
    const bytes = Buffer.from(DIALOGUE);
    for (let at = 0; at <= bytes.length; at += 1) {
      expect(readAll([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(REPLIES);
    }
    expect(readAll(Array.from(bytes, (byte) => Buffer.of(byte)))).toEqual(REPLIES);
  });

  it('keeps what is not UTF-8 as it came', () => {
    expect(readAll([Buffer.from('550 gr\u00fc\u00dfe\r\n', 'latin1')])).toEqual(['550 gr\u00fc\u00dfe']);
  });

  it('tells what came of a reply without its end', () => {
    const reader = new ReplyReader();
    expect([...reader.read(Buffer.from('250 ok\r\n550-no\r\n550 5.1'))]).toEqual(['250 ok']);
    expect(reader.unfinished).toBe('550-no\n550 5.1');
  });

  it.each(['250-and more\r\n', 'x'])('gives up on %j without an end', (text) => {
    const reader = new ReplyReader();
    const chunk = Buffer.from(text.repeat(1000));
    let length = 0;
    for (; !reader.overflown; length += chunk.length) expect([...reader.read(chunk)]).toEqual([]);
    expect(length).toBeGreaterThan(MAX_REPLY_LENGTH);
    expect(length).toBeLessThan(MAX_REPLY_LENGTH + 2 * chunk.length);
  });
});
