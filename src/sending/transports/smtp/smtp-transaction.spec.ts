import { describe, expect, it } from '@jest/globals';
import { type Dialogue, SmtpTransaction, type Step } from './smtp-transaction.js';

/** Plays the replies of a relay and does what each asks for; what was asked, and how it ended. */
function play(replies: readonly string[], { dialogue = 'PIPELINED' as Dialogue, reset = false } = {}) {
  const transaction = new SmtpTransaction(dialogue);
  transaction.wrote(reset ? 'RSET' : 'ENVELOPE');
  const steps: Step[] = replies.map((reply) => {
    const step = transaction.received(reply);
    if (step === 'BODY') {
      transaction.beginBody();
      transaction.endBody();
    } else if (step !== 'wait' && step !== 'OVER') {
      transaction.wrote(step);
    }
    return step;
  });
  const result = transaction.result('broken off');
  const stage = 'stage' in result ? result.stage : undefined;
  return { steps, end: [result.outcome, stage], usable: transaction.usable };
}

describe('SmtpTransaction', () => {
  it('waits for the three replies to a pipelined envelope', () => {
    const { steps, end, usable } = play(['250 ok', '250 ok', '354 go', '250 taken']);
    expect(steps).toEqual(['wait', 'wait', 'BODY', 'OVER']);
    expect({ end, usable }).toEqual({ end: ['accepted', undefined], usable: true });
  });

  it('writes one command after the other without pipelining, and RSET before them', () => {
    const replies = ['250 reset', '250 ok', '250 ok', '354 go', '250 taken'];
    const { steps, end } = play(replies, { dialogue: 'STEPWISE', reset: true });
    expect(steps).toEqual(['ENVELOPE', 'RCPT', 'DATA', 'BODY', 'OVER']);
    expect(end).toEqual(['accepted', undefined]);
  });

  it.each([
    [['550 no', '503 no', '503 no'], ['wait', 'wait', 'OVER'], ['refused', 'MAIL'], true],
    [['250 ok', '450 no', '503 no'], ['wait', 'wait', 'OVER'], ['deferred', 'RCPT'], true],
    [['250 ok', '550 no', '354 go', '554 no'], ['wait', 'wait', 'LONE_DOT', 'OVER'], ['refused', 'RCPT'], true],
    [['250 ok', '550 no', '250 go'], ['wait', 'wait', 'OVER'], ['refused', 'RCPT'], false],
    [['550 no', '250 ok', '354 go'], ['wait', 'wait', 'OVER'], ['refused', 'MAIL'], false],
    [['250 ok', '250 ok', '554 no'], ['wait', 'wait', 'OVER'], ['refused', 'DATA'], true],
    [['250 ok', '250 ok', '250 go', '250 ok'], ['wait', 'wait', 'BODY', 'OVER'], ['accepted', undefined], true],
    [['250 ok', '250 ok', '354 go', '354 go'], ['wait', 'wait', 'BODY', 'OVER'], ['in_doubt', 'FINAL_REPLY'], false],
    [['250 ok', '421 no'], ['wait', 'OVER'], ['deferred', 'RCPT'], false],
    [['354 go'], ['OVER'], ['deferred', 'MAIL'], false],
  ])('answers %j with %j', (replies, steps, end, usable) => {
    expect(play(replies)).toEqual({ steps, end, usable });
  });

  it('is not begun when the relay refuses RSET', () => {
    expect(play(['550 no'], { reset: true })).toEqual({ steps: ['OVER'], end: ['deferred', 'MAIL'], usable: false });
    expect(play(['421 no'], { reset: true })).toEqual({ steps: ['OVER'], end: ['deferred', 'MAIL'], usable: false });
  });

  it('does not go on when the relay answers before it is asked', () => {
    const transaction = new SmtpTransaction('PIPELINED');
    transaction.wrote('ENVELOPE');
    for (const reply of ['250 ok', '250 ok', '354 go']) transaction.received(reply);
    expect(transaction.received('250 taken')).toBe('OVER');
    expect(transaction.result('')).toMatchObject({ outcome: 'deferred', stage: 'BODY' });
    expect(transaction.usable).toBe(false);
  });

  it.each([
    ['taken in two writes', ['250 ok', '250 ok', '250 chunk', '250 taken'], ['accepted', undefined], true],
    ['a recipient refused', ['250 ok', '550 no', '503 no'], ['refused', 'RCPT'], true],
    ['a recipient refused and a chunk taken', ['250 ok', '550 no', '250 chunk'], ['refused', 'RCPT'], false],
    ['a chunk refused', ['250 ok', '250 ok', '452 no'], ['deferred', 'DATA'], true],
    ['354 to a chunk', ['250 ok', '250 ok', '354 go'], ['deferred', 'DATA'], false],
    ['nothing behind a chunk', ['250 ok', '250 ok'], ['deferred', 'DATA'], false],
    ['nothing behind the last octet', ['250 ok', '250 ok', '250 chunk'], ['in_doubt', 'FINAL_REPLY'], false],
  ])('in chunks: %s', (_, replies, end, usable) => {
    expect(play(replies, { dialogue: 'CHUNKED' })).toMatchObject({ end, usable });
  });

  it.each([
    ['taken', ['250 ok', '250 ok', '250 taken'], ['accepted', undefined], true],
    ['refused', ['250 ok', '250 ok', '554 no'], ['refused', 'FINAL_REPLY'], true],
    ['deferred', ['250 ok', '250 ok', '451 no'], ['deferred', 'FINAL_REPLY'], true],
    ['a sender refused', ['550 no', '503 no', '503 no'], ['refused', 'MAIL'], true],
    ['a recipient refused', ['250 ok', '550 no', '554 no'], ['refused', 'RCPT'], true],
    [
      'a recipient refused and the message taken: for nobody',
      ['250 ok', '550 no', '250 ok'],
      ['refused', 'RCPT'],
      false,
    ],
    ['a recipient refused and no further reply', ['250 ok', '450 no'], ['deferred', 'RCPT'], false],
    ['a service that closes', ['421 no'], ['deferred', 'MAIL'], false],
    ['no reply at all', [], ['in_doubt', 'FINAL_REPLY'], false],
    ['no reply to RCPT', ['250 ok'], ['in_doubt', 'FINAL_REPLY'], false],
    ['no reply to BDAT', ['250 ok', '250 ok'], ['in_doubt', 'FINAL_REPLY'], false],
    ['354 to MAIL', ['354 go'], ['in_doubt', 'FINAL_REPLY'], false],
    ['garbage to RCPT', ['250 ok', 'HELLO'], ['in_doubt', 'FINAL_REPLY'], false],
    ['354 to BDAT', ['250 ok', '250 ok', '354 go'], ['in_doubt', 'FINAL_REPLY'], false],
    ['a sender refused, all else taken', ['550 no', '250 ok', '250 ok'], ['in_doubt', 'FINAL_REPLY'], false],
    ['a sender refused, the recipient taken, no reply', ['550 no', '250 ok'], ['in_doubt', 'FINAL_REPLY'], false],
    ['a sender and a message refused, the recipient not', ['550 no', '250 ok', '503 no'], ['refused', 'MAIL'], true],
    ['the same, closing', ['550 no', '250 ok', '421 no'], ['refused', 'MAIL'], false],
  ])('in one write: %s', (_, replies, end, usable) => {
    expect(play(replies, { dialogue: 'ONE_WRITE' })).toMatchObject({ end, usable });
  });

  it.each([500, 502, 503, 504])('knows by %d that chunks are not known, and where that does not count', (code) => {
    const failed = (dialogue: Dialogue, replies: readonly string[]): boolean => {
      const transaction = new SmtpTransaction(dialogue);
      transaction.wrote('ENVELOPE');
      for (const reply of replies) transaction.received(reply);
      expect(transaction.usable && transaction.chunkingFailed).toBe(false);
      return transaction.chunkingFailed;
    };
    const unknown = `${code} not known`;
    expect(failed('CHUNKED', ['250 ok', '250 ok', unknown])).toBe(true);
    expect(failed('ONE_WRITE', ['250 ok', '250 ok', unknown])).toBe(true);
    expect(failed('ONE_WRITE', ['250 ok', '550 no', unknown])).toBe(false);
    expect(failed('CHUNKED', ['550 no', unknown, unknown])).toBe(false);
    expect(failed('PIPELINED', ['250 ok', '250 ok', unknown])).toBe(false);
  });
});
