import { describe, expect, it } from '@jest/globals';
import { replyKey, replyKind } from './reply-key.js';

describe('replies as they are counted', () => {
  it.each([
    [{ code: 250, enhanced: '2.0.0' }, '250', '2xx'],
    [{ code: 250, enhanced: undefined }, '250', '2xx'],
    [{ code: 450, enhanced: '4.2.2' }, '450 4.2.2', '4xx'],
    [{ code: 421, enhanced: undefined }, '421', '4xx'],
    [{ code: 550, enhanced: '5.1.1' }, '550 5.1.1', '5xx'],
    [{ code: 354, enhanced: undefined }, '354', 'none'],
    [{ code: 999, enhanced: undefined }, '999', 'none'],
    [undefined, 'none', 'none'],
  ] as const)('%j', (reply, key, kind) => {
    expect([replyKey(reply), replyKind(reply)]).toEqual([key, kind]);
  });
});
