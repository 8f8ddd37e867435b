import { describe, expect, it } from '@jest/globals';
import { parseReply } from './smtp-reply.js';

describe('parseReply', () => {
  it.each([
    ['250 2.0.0 Ok: queued', { code: 250, enhanced: '2.0.0', text: 'Ok: queued' }],
    ['250', { code: 250, enhanced: undefined, text: '' }],
    ['250 ', { code: 250, enhanced: undefined, text: '' }],
    ['550 5.1.1', { code: 550, enhanced: '5.1.1', text: '' }],
    ['550-5.7.1 first line\n550 5.7.1 second line', { code: 550, enhanced: '5.7.1', text: 'first line second line' }],
    ['550-first\r\n550 5.7.1 second', { code: 550, enhanced: '5.7.1', text: 'first second' }],
    ['250 see 5.1.1 in the manual', { code: 250, enhanced: undefined, text: 'see 5.1.1 in the manual' }],
    ['421 4.7.0 Try\tagain\u0007\u2028later  please', { code: 421, enhanced: '4.7.0', text: 'Try again later please' }],
    ['550 Postfach unbekannt: grüße', { code: 550, enhanced: undefined, text: 'Postfach unbekannt: grüße' }],
  ])('reads %j', (raw, expected) => {
    expect(parseReply(raw)).toEqual(expected);
  });

  it.each(['', '25', '2500 no', '99 x', '150 x', '600 x', 'HELLO', '250OK', '250-unfinished\r\nHELLO'])(
    'does not take %j for a reply',
    (raw) => {
      expect(parseReply(raw)).toBeUndefined();
    },
  );

  it('keeps 500 characters and does not tear one apart', () => {
    expect(parseReply(`550 ${'x'.repeat(499)}😀 and more`)?.text).toBe('x'.repeat(499));
    expect(parseReply(`550-${'y'.repeat(60_000)}\r\n550 end`)?.text).toBe('y'.repeat(500));
  });
});
