import { describe, expect, it } from '@jest/globals';
import { durableSnapshot } from './durable-snapshot.js';

describe('durableSnapshot', () => {
  it.each([
    ['10:20:10,15', '17', '10:18:10,15'],
    ['10:20:10,15', '12', '10:13:10'],
    ['10:20:10,15', '19', '10:20:10,15'],
    ['10:20:10,15', '25', '10:20:10,15'],
    ['10:20:10,15', '9', '10:10:'],
    ['10:20:10,15', '5', '6:6:'],
    ['20:20:', '11', '12:12:'],
    ['99999999999999999:99999999999999999:', '99999999999999990', '99999999999999991:99999999999999991:'],
  ])('cuts %s behind %s', (snapshot, lastTx, expected) => {
    expect(durableSnapshot(snapshot, lastTx)).toBe(expected);
  });

  it('counts nothing as read while there is no event', () => {
    expect(durableSnapshot('10:20:10', null)).toBe('1:1:');
  });
});
