import { describe, expect, it } from '@jest/globals';
import { makeReply, readReply } from './read-reply.js';

describe('a reply that is passed on', () => {
  it.each([
    ['smtp; 550 5.1.1 user unknown', { code: 550, enhanced: '5.1.1', text: 'user unknown' }],
    ['250 2.6.0 Message received', { code: 250, enhanced: '2.6.0', text: 'Message received' }],
    [
      '452-4.2.2 over quota\r\n452 4.2.2 try later',
      { code: 452, enhanced: '4.2.2', text: 'over quota 452 4.2.2 try later' },
    ],
    ['550 no', { code: 550, enhanced: undefined, text: 'no' }],
    ['Amazon SES did not send it', { code: undefined, enhanced: undefined, text: 'Amazon SES did not send it' }],
    ['', { code: undefined, enhanced: undefined, text: '' }],
  ])('%j is read', (line, reply) => {
    expect(readReply(line)).toEqual(reply);
  });

  it('takes the enhanced code that is told apart from it', () => {
    expect(readReply('smtp; 550 unknown', '5.1.10')).toEqual({ code: 550, enhanced: '5.1.10', text: 'unknown' });
  });

  it('has only codes that SMTP knows', () => {
    expect(makeReply(605, 'bounced', 'on the list')).toEqual({
      code: undefined,
      enhanced: undefined,
      text: 'on the list',
    });
  });

  it('has no control characters, and 500 characters at most', () => {
    const { text } = makeReply(550, undefined, `a\u0000b\r\nc${'d'.repeat(1000)}`);
    expect(text).toHaveLength(500);
    expect(text.startsWith('a b cd')).toBe(true);
  });

  it('has no halves of characters, which the database would refuse, also where it is cut', () => {
    expect(makeReply(550, undefined, `${'d'.repeat(499)}\u{1f600}`).text).toBe(`${'d'.repeat(499)}\ufffd`);
    expect(makeReply(550, undefined, 'a\ud83d').text).toBe('a\ufffd');
  });
});
