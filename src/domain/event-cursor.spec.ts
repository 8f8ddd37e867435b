import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeCursor, encodeCursor } from './event-cursor.js';
import type { EventCursor } from './event-cursor.js';

const encode = (text: string) => Buffer.from(text, 'latin1').toString('base64url');

const MAX_XID = 2n ** 64n - 1n;
const snapshot = fc
  .uniqueArray(fc.bigInt({ min: 1n, max: MAX_XID }), { minLength: 2, maxLength: 12 })
  .map((xids) => xids.toSorted((a, b) => (a < b ? -1 : 1)))
  .map((xids) => `${xids[0]}:${xids.at(-1)}:${xids.slice(0, -1).join(',')}`);
const cursor: fc.Arbitrary<EventCursor> = fc.record({
  base: snapshot,
  target: fc.option(snapshot, { nil: undefined }),
  tx: fc.bigInt({ min: 0n, max: MAX_XID }).map(String),
  id: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }).map(String),
  atMs: fc.nat({ max: 8_640_000_000_000_000 }),
});

describe('a cursor', () => {
  it('comes back as it was given out', () => {
    fc.assert(fc.property(cursor, (given) => expect(decodeCursor(encodeCursor(given))).toEqual(given)));
  });

  it('is one word that fits into a URL and a header', () => {
    fc.assert(fc.property(cursor, (given) => expect(encodeCursor(given)).toMatch(/^[A-Za-z0-9_-]+$/)));
  });

  it('of a plain snapshot stands at its beginning', () => {
    const plain = { base: '100:105:101,103', target: undefined, tx: '0', id: '0', atMs: 1_763_000_000_000 };
    expect(decodeCursor(encodeCursor(plain))).toEqual(plain);
  });

  it('keeps the form that clients have stored', () => {
    const stored = 'MXwxMDA6MTA1OjEwMSwxMDN8fDB8MHwxNzYzMDAwMDAwMDAw';
    expect(decodeCursor(stored)?.base).toBe('100:105:101,103');
  });

  it('has room for a thousand transactions in progress', () => {
    const xip = Array.from({ length: 1000 }, (_, i) => 4_000_000_000 + i).join(',');
    const base = `4000000000:4000001000:${xip}`;
    const given = { base, target: base, tx: '1', id: '2', atMs: 3 };
    expect(decodeCursor(encodeCursor(given))).toEqual(given);
  });
});

describe('a text is no cursor', () => {
  it.each([
    ['that is empty', ''],
    ['that is not base64', '!'],
    ['of base64 with padding', `${encode('1|1:1:||0|0|01')}==`],
    ['with blanks', ` ${encode('1|1:1:||0|0|0')}`],
    ['longer than any of ours', 'A'.repeat(49_153)],
    ['of another version', encode('2|1:1:||0|0|0')],
    ['without a version', encode('1:1:||0|0|0')],
    ['with too few parts', encode('1|1:1:||0|0')],
    ['with the version only', encode('1')],
    ['with too many parts', encode('1|1:1:||0|0|0|0')],
    ['without a snapshot', encode('1|||0|0|0')],
    ['whose snapshot is not one', encode('1|x||0|0|0')],
    ['whose snapshot lacks its list', encode('1|1:1||0|0|0')],
    ['whose snapshot has a fourth part', encode('1|1:1::||0|0|0')],
    ['whose snapshot has a fraction', encode('1|1:1.5:||0|0|0')],
    ['whose snapshot has no xmin', encode('1|:1:||0|0|0')],
    ['whose xmin is 0', encode('1|0:1:||0|0|0')],
    ['whose xmax is before xmin', encode('1|5:4:||0|0|0')],
    ['whose xmax is above 64 bits', encode('1|5:18446744073709551616:||0|0|0')],
    ['whose list has an entry before xmin', encode('1|5:9:4||0|0|0')],
    ['whose list has xmax', encode('1|5:9:9||0|0|0')],
    ['whose list is out of order', encode('1|5:9:7,6||0|0|0')],
    ['whose list repeats an entry', encode('1|5:9:6,6||0|0|0')],
    ['whose list has an empty entry', encode('1|5:9:6,||0|0|0')],
    ['whose list holds SQL', encode("1|5:9:6');drop||0|0|0")],
    ['whose target is not a snapshot', encode('1|5:9:|x|0|0|0')],
    ['whose tx is no number', encode('1|5:9:||x|0|0')],
    ['whose tx has a leading zero', encode('1|5:9:||00|0|0')],
    ['whose tx is negative', encode('1|5:9:||-1|0|0')],
    ['whose tx is above 64 bits', encode('1|5:9:||18446744073709551616|0|0')],
    ['whose id is above a bigint', encode('1|5:9:||0|9223372036854775808|0')],
    ['whose time is no number', encode('1|5:9:||0|0|1e3')],
    ['whose time is no date', encode('1|5:9:||0|0|8640000000000001')],
  ])('%s', (_, text) => {
    expect(decodeCursor(text)).toBeUndefined();
  });

  it('when any one character of a cursor is changed into what fails in SQL', () => {
    fc.assert(
      fc.property(cursor, fc.nat(), fc.string({ minLength: 1, maxLength: 1 }), (given, at, character) => {
        const text = Buffer.from(encodeCursor(given), 'base64url').toString('latin1');
        const i = at % text.length;
        const decoded = decodeCursor(encode(text.slice(0, i) + character + text.slice(i + 1)));
        if (decoded === undefined) return;
        expect(`${decoded.base}${decoded.target ?? ''}`).toMatch(/^[0-9:,]+$/);
        expect(`${decoded.tx}${decoded.id}${decoded.atMs}`).toMatch(/^\d+$/);
      }),
    );
  });
});
