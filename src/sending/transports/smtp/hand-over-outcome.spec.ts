import { describe, expect, it } from '@jest/globals';
import { brokenOff, leavesConnectionUsable, refusalOutcome } from './hand-over-outcome.js';
import { HAND_OVER_STAGES, type SmtpReply } from '../transport.js';

const reply = (code: number): SmtpReply => ({ code, enhanced: undefined, text: '' });

describe('what is certain', () => {
  it('is that nothing was sent, at every stage but the last', () => {
    for (const stage of HAND_OVER_STAGES) {
      expect(brokenOff(stage, 'x').outcome).toBe(stage === 'FINAL_REPLY' ? 'in_doubt' : 'deferred');
      expect(refusalOutcome({ stage, reply: undefined }).outcome).toBe(
        stage === 'FINAL_REPLY' ? 'in_doubt' : 'deferred',
      );
      expect(refusalOutcome({ stage, reply: reply(354) }).outcome).toBe(
        stage === 'FINAL_REPLY' ? 'in_doubt' : 'deferred',
      );
    }
  });

  it('is a refusal of the mail only from MAIL on', () => {
    const refusing = HAND_OVER_STAGES.filter(
      (stage) => refusalOutcome({ stage, reply: reply(550) }).outcome === 'refused',
    );
    expect(refusing).toEqual(['MAIL', 'RCPT', 'DATA', 'BODY', 'FINAL_REPLY']);
  });

  it.each([421, 450, 451, 452, 530, 534, 535, 538])('is no refusal with %d', (code) => {
    for (const stage of HAND_OVER_STAGES)
      expect(refusalOutcome({ stage, reply: reply(code) }).outcome).toBe('deferred');
  });
});

describe('leavesConnectionUsable', () => {
  it('holds after an orderly refusal', () => {
    expect(leavesConnectionUsable({ stage: 'RCPT', reply: reply(550) })).toBe(true);
    expect(leavesConnectionUsable({ stage: 'FINAL_REPLY', reply: reply(451) })).toBe(true);
  });

  it('does not hold when replies and commands may be out of step', () => {
    expect(leavesConnectionUsable({ stage: 'RCPT', reply: reply(421) })).toBe(false);
    expect(leavesConnectionUsable({ stage: 'RCPT', reply: undefined })).toBe(false);
    expect(leavesConnectionUsable({ stage: 'FINAL_REPLY', reply: reply(354) })).toBe(false);
    expect(leavesConnectionUsable({ stage: 'BODY', reply: reply(552) })).toBe(false);
  });
});
