import { describe, expect, it } from '@jest/globals';
import { describeError, scrub } from './scrub.js';

describe('scrub', () => {
  it.each([
    ['550 5.1.1 <ada@example.com>: unknown', '550 5.1.1 <<address>>: unknown'],
    ['no such user "jörg@bücher.example"', 'no such user "<address>"'],
    ['to=ada@example.com, from=bob@example.org', 'to=<address>, from=<address>'],
    ['key pst_live_0123456789abcdef was refused', 'key pst_live_… was refused'],
    ['nothing to hide', 'nothing to hide'],
  ])('%s', (text, expected) => {
    expect(scrub(text)).toBe(expected);
  });
});

describe('describeError', () => {
  it('keeps the kind, the code and the place, not the row that PostgreSQL quotes', () => {
    const error = Object.assign(new Error('duplicate key for ada@example.com'), {
      code: '23505',
      detail: 'Key (address)=(ada@example.com) already exists.',
    });
    const text = JSON.stringify(describeError(error));
    expect(text).toContain('23505');
    expect(text).toContain('scrub.spec');
    expect(text).not.toContain('ada');
  });

  it('follows the cause', () => {
    const error = new Error('outer', { cause: new Error('inner of ada@example.com') });
    expect(describeError(error)).toMatchObject({ message: 'outer', cause: { message: 'inner of <address>' } });
  });

  it('takes what is no error', () => {
    expect(describeError('ada@example.com')).toEqual({ message: '<address>' });
  });
});
