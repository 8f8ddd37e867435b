import { describe, expect, it } from '@jest/globals';
import { wireBody, wireChunk } from './wire-body.js';

const onTheWire = (text: string): string => {
  const raw = Buffer.from(text, 'latin1');
  return wireBody(raw, 0, raw.length).toString('latin1');
};

/** The rules a byte at a time, as slowly as they are read in the standard. */
function expected(text: string): string {
  const lines = text.replaceAll(/\r\n|\r|\n/g, '\n').split('\n');
  const whole = lines.at(-1) === '' && lines.length > 1 ? lines.slice(0, -1) : lines;
  return `${whole.map((line) => line.replace(/^\./, '..')).join('\r\n')}\r\n.\r\n`;
}

describe('wireBody', () => {
  it.each([
    ['text\r\n', 'text\r\n.\r\n'],
    ['text', 'text\r\n.\r\n'],
    ['', '\r\n.\r\n'],
    ['.', '..\r\n.\r\n'],
    ['.\r\n..\r\n', '..\r\n...\r\n.\r\n'],
    ['a\n.\nb', 'a\r\n..\r\nb\r\n.\r\n'],
    ['a\r.\rb\r', 'a\r\n..\r\nb\r\n.\r\n'],
    ['a\r\r\n.b', 'a\r\n\r\n..b\r\n.\r\n'],
    ['a\n\r.\r\nb', 'a\r\n\r\n..\r\nb\r\n.\r\n'],
    ['a.b\r\nc.\r\n', 'a.b\r\nc.\r\n.\r\n'],
  ])('writes %j as %j', (text, wire) => {
    expect(onTheWire(text)).toBe(wire);
  });

  it('keeps to the rules for every text of CR, LF, dot and a letter, wherever it is cut', () => {
    for (let n = 0; n < 4 ** 6; n += 1) {
      const text = Array.from({ length: 6 }, (_, place) => '\r\n.a'.charAt(Math.floor(n / 4 ** place) % 4)).join('');
      const raw = Buffer.from(text);
      const cut = 1 + (n % 5);
      const wire = Buffer.concat([wireBody(raw, 0, cut), wireBody(raw, cut, raw.length)]).toString();
      if (wire !== expected(text)) expect({ text, wire }).toEqual({ text, wire: expected(text) });
    }
  });
});

describe('wireChunk', () => {
  it('is the message itself where its lines are whole, however large', () => {
    for (const raw of [Buffer.from('a\r\n.\r\nb\r\n'), Buffer.alloc(1_000_000, 'line of 31 octets, without dot\r\n')]) {
      const whole = raw.subarray(0, raw.lastIndexOf('\n') + 1);
      expect(wireChunk(whole)).toBe(whole);
    }
  });

  it('ends every line by CRLF and doubles no dot, for every text of CR, LF, dot and a letter', () => {
    for (let n = 0; n < 4 ** 6; n += 1) {
      const text = Array.from({ length: 6 }, (_, place) => '\r\n.a'.charAt(Math.floor(n / 4 ** place) % 4)).join('');
      const lines = text
        .replaceAll(/\r\n|\r|\n/g, '\n')
        .replace(/\n$/, '')
        .split('\n');
      expect(wireChunk(Buffer.from(text)).toString()).toBe(`${lines.join('\r\n')}\r\n`);
    }
    expect(wireChunk(Buffer.alloc(0)).toString()).toBe('\r\n');
  });

  it('finds a bare line end in any place of a large message', () => {
    const raw = Buffer.alloc(32 * 5000, 'line of 32 octets, without dots\r\n'.slice(1));
    for (const at of [1, 65_535, 65_536, 65_537, 131_071, raw.length - 2]) {
      const bad = Buffer.from(raw);
      bad[at] = 10;
      expect(/(?<!\r)\n/.test(wireChunk(bad).toString('latin1'))).toBe(false);
    }
  });
});
