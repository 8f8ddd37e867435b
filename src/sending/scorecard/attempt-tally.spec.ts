import { describe, expect, it } from '@jest/globals';
import { AttemptTally, type CountedAttempt } from './attempt-tally.js';

const attempt: CountedAttempt = {
  provider: 'relay',
  lane: 'OTP',
  at: new Date('2026-03-01T10:20:59.999Z'),
  verdict: 'ACCEPTED',
  reply: { code: 250, enhanced: '2.0.0', text: 'Ok' },
  durationMs: 4,
};

describe('a tally of attempts', () => {
  it('adds up what falls into the same minute, lane and provider', () => {
    const tally = new AttemptTally();
    const full = { code: 452, enhanced: '4.2.2', text: 'mailbox full' };
    tally.attempted(attempt);
    tally.attempted({ ...attempt, verdict: 'DEFERRED', reply: full, durationMs: 45 });
    tally.attempted({ ...attempt, verdict: 'BOUNCED', reply: undefined });
    tally.attempted({ ...attempt, verdict: 'REJECTED', reply: undefined });
    tally.attempted({ ...attempt, verdict: 'IN_DOUBT', reply: undefined, durationMs: 1e7 });
    tally.fellBack(attempt);
    const latency = Array.from({ length: 27 }, () => 0);
    latency[3] = 3;
    latency[8] = 1;
    latency[26] = 1;
    expect(tally.take()).toEqual([
      {
        provider: 'relay',
        lane: 'OTP',
        minute: new Date('2026-03-01T10:20:00Z'),
        accepted: 1,
        deferred: 1,
        refused: 2,
        inDoubt: 1,
        fallbacks: 1,
        latency,
        replies: new Map([
          ['250', 1],
          ['452 4.2.2', 1],
          ['none', 3],
        ]),
      },
    ]);
    expect(tally.take()).toEqual([]);
  });

  it('keeps minutes, lanes and providers apart', () => {
    const tally = new AttemptTally();
    tally.attempted(attempt);
    tally.attempted({ ...attempt, at: new Date('2026-03-01T10:21:00Z') });
    tally.attempted({ ...attempt, lane: 'BULK' });
    tally.attempted({ ...attempt, provider: 'other' });
    expect(tally.take().map(({ provider, lane, minute }) => [provider, lane, minute.getUTCMinutes()])).toEqual([
      ['relay', 'OTP', 20],
      ['relay', 'OTP', 21],
      ['relay', 'BULK', 20],
      ['other', 'OTP', 20],
    ]);
  });
});
