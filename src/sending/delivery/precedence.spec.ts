import { describe, expect, it } from '@jest/globals';
import { LANES } from '../../domain/lane.js';
import { Precedence } from './precedence.js';

const standBack = (precedence: Precedence, mono: number): number[] =>
  LANES.map((lane) => precedence.standBackMs(lane, mono));

describe('precedence', () => {
  it('keeps the two lowest lanes back while a code is on its way, for 10 ms at most', () => {
    const precedence = new Precedence();
    precedence.announced('OTP', 100);
    expect(standBack(precedence, 100)).toEqual([0, 0, 10, 10]);
    expect(standBack(precedence, 106)).toEqual([0, 0, 4, 4]);
    expect(standBack(precedence, 110)).toEqual([0, 0, 0, 0]);
  });

  it('ends when there is no code any more', () => {
    const precedence = new Precedence();
    precedence.announced('OTP', 100);
    precedence.idle('BULK');
    expect(standBack(precedence, 101)).toEqual([0, 0, 9, 9]);
    precedence.idle('OTP');
    expect(standBack(precedence, 101)).toEqual([0, 0, 0, 0]);
  });

  it('leaves them half of the time, however many codes there are', () => {
    const precedence = new Precedence();
    let backMs = 0;
    for (let mono = 0; mono < 1000; mono += 1) {
      precedence.announced('OTP', mono);
      if (precedence.standBackMs('BULK', mono) > 0) backMs += 1;
    }
    expect(backMs).toBe(500);
  });

  it('is nobody else’s', () => {
    const precedence = new Precedence();
    precedence.announced('TRANSACTIONAL', 100);
    expect(standBack(precedence, 100)).toEqual([0, 0, 0, 0]);
  });
});
