import { describe, expect, it } from '@jest/globals';
import { SmtpTransaction, type Step } from './smtp-transaction.js';

/** Plays the replies of a relay and does what each asks for; what was asked, and how it ended. */
function play(replies: readonly string[], { pipelining = true, reset = false } = {}) {
  const transaction = new SmtpTransaction(pipelining);
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
    const { steps, end } = play(replies, { pipelining: false, reset: true });
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
    const transaction = new SmtpTransaction(true);
    transaction.wrote('ENVELOPE');
    for (const reply of ['250 ok', '250 ok', '354 go']) transaction.received(reply);
    expect(transaction.received('250 taken')).toBe('OVER');
    expect(transaction.result('')).toMatchObject({ outcome: 'deferred', stage: 'BODY' });
    expect(transaction.usable).toBe(false);
  });
});
