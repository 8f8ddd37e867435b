import { describe, expect, it } from '@jest/globals';
import { ipBytes } from './ip-address.js';

describe('ipBytes', () => {
  it.each([
    ['192.0.2.1', [192, 0, 2, 1]],
    ['::1', [...Array<number>(15).fill(0), 1]],
    ['2001:DB8::192.0.2.1', [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 192, 0, 2, 1]],
    ['1:2:3:4:5:6:7:8', [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8]],
  ])('reads %s', (text, bytes) => {
    expect(ipBytes(text)).toEqual(bytes);
  });

  it.each([
    '',
    '192.0.2',
    '192.0.2.256',
    '192.0.2.1.1',
    '1:2:3',
    '1::2::3',
    'fe80::1%eth0',
    '::192.0.2.1:1',
    'a.b.c.d',
  ])('takes %j for no address', (text) => {
    expect(ipBytes(text)).toEqual([]);
  });
});
