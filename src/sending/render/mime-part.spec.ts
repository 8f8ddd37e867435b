import { describe, expect, it } from '@jest/globals';

import type { Leaf, Multipart } from './mime-part.js';
import { assemble } from './mime-part.js';

const leaf = (content: string | Buffer, verbatim = true): Leaf => ({
  headers: 'Content-Type: text/plain\r\n',
  content,
  verbatim,
});
const mixed = (...parts: Multipart['parts']): Multipart => ({ subtype: 'mixed', parameters: '', parts });

describe('assemble', () => {
  it.each([
    ['an empty text', '', 'A: b\r\nContent-Type: text/plain\r\n\r\n'],
    ['a text without a line end', 'x', 'A: b\r\nContent-Type: text/plain\r\n\r\nx\r\n'],
    ['a text with a line end', 'x\r\n', 'A: b\r\nContent-Type: text/plain\r\n\r\nx\r\n'],
    ['octets', Buffer.from('x'), 'A: b\r\nContent-Type: text/plain\r\n\r\neA==\r\n'],
  ])('ends %s with a line end', (_, content, raw) => {
    expect(assemble('A: b\r\n', leaf(content), 'id@x.test').toString()).toBe(raw);
  });

  it('puts parts between boundaries made of the message id', () => {
    const raw = assemble('', mixed(leaf('1'), mixed(leaf(Buffer.from('2')))), 'i+d@x.test').toString();
    expect(raw).toBe(
      [
        'Content-Type: multipart/mixed;',
        ' boundary="=_1_i_d_x.test"',
        '',
        '--=_1_i_d_x.test',
        'Content-Type: text/plain',
        '',
        '1',
        '--=_1_i_d_x.test',
        'Content-Type: multipart/mixed;',
        ' boundary="=_2_i_d_x.test"',
        '',
        '--=_2_i_d_x.test',
        'Content-Type: text/plain',
        '',
        'Mg==',
        '--=_2_i_d_x.test--',
        '--=_1_i_d_x.test--',
        '',
      ].join('\r\n'),
    );
  });

  it('takes another boundary when the text holds it', () => {
    const text = '--=_1_id_x.test--\r\n--=_1_1_id_x.test--\r\n';
    const raw = assemble('', mixed(leaf(text)), 'id@x.test').toString();
    expect(raw).toContain('boundary="=_1_2_id_x.test"');
  });

  it('keeps boundaries to 70 characters', () => {
    const raw = assemble('', mixed(leaf('')), `${'i'.repeat(200)}@x.test`).toString();
    expect(/boundary="(.*)"/.exec(raw)?.[1]?.length).toBeLessThanOrEqual(70);
  });
});
