import { describe, expect, it } from '@jest/globals';
import type { HandOverResult } from '../transports/transport.js';
import type { ClaimedJob } from './claimed-job.js';
import {
  type AttemptFacts,
  decideAfterHandOver,
  decideBeforeSending,
  decideParking,
  fallbackNews,
} from './decide-outcome.js';
import { judgeHandOver } from './judge-hand-over.js';

const NOW = new Date('2026-01-01T12:00:00Z');

function job(over: Partial<ClaimedJob> = {}): ClaimedJob {
  return {
    tenantId: 't',
    messageId: 'm',
    n: 0,
    lane: 'TRANSACTIONAL',
    lease: 'l',
    attempt: 1,
    lost: 0,
    deferrals: 0,
    provider: undefined,
    parkedSince: undefined,
    expired: false,
    expiresAt: undefined,
    claimedAt: NOW,
    claimedMono: 0,
    leaseConfirmedMono: 0,
    ...over,
  };
}

function facts(result: HandOverResult, over: Partial<AttemptFacts> = {}): AttemptFacts {
  return {
    attempt: 1,
    provider: 'relay',
    result,
    judgement: judgeHandOver(result),
    startedAt: NOW,
    finishedAt: NOW,
    random: 0.5,
    inDoubt: 'RESEND',
    idempotent: false,
    status: 'QUEUED',
    ...over,
  };
}

const reply = (code: number, enhanced: string | undefined) => ({ code, enhanced, text: 'said the server' });

const IN_DOUBT: HandOverResult = { outcome: 'in_doubt', stage: 'FINAL_REPLY', note: 'no reply' };
const DEFERRED: HandOverResult = { outcome: 'deferred', stage: 'RCPT', reply: reply(450, '4.2.2'), note: '' };

const told = (settlement: { changes: readonly { event: string; status?: string | undefined }[] } | undefined) =>
  settlement?.changes.map(({ event, status }) => (status === undefined ? event : `${event}→${status}`));

describe('after a hand-over', () => {
  it('an accepted mail is handed off and its job done', () => {
    const result: HandOverResult = { outcome: 'accepted', reply: reply(250, '2.0.0'), finalDestination: false };
    const settlement = decideAfterHandOver(job(), facts(result));
    expect(settlement.delayMs).toBeUndefined();
    expect(told(settlement)).toEqual(['HANDED_OFF→HANDED_OFF']);
    expect(settlement.changes[0]).toMatchObject({
      smtpCode: 250,
      enhancedCode: '2.0.0',
      attempts: 1,
      attempt: { attempt: 1, outcome: 'ACCEPTED', provider: 'relay' },
    });
  });

  it('a mail accepted where it is to stay is delivered too', () => {
    const result: HandOverResult = { outcome: 'accepted', reply: reply(250, undefined), finalDestination: true };
    expect(told(decideAfterHandOver(job(), facts(result)))).toEqual(['HANDED_OFF→HANDED_OFF', 'DELIVERED→DELIVERED']);
  });

  it('a permanent refusal bounces with reason, code and text', () => {
    const result: HandOverResult = { outcome: 'refused', stage: 'RCPT', reply: reply(550, '5.1.1'), note: '' };
    const settlement = decideAfterHandOver(job(), facts(result));
    expect(settlement.delayMs).toBeUndefined();
    expect(told(settlement)).toEqual(['BOUNCED→BOUNCED']);
    expect(settlement.changes[0]).toMatchObject({ reason: 'BAD_MAILBOX', smtpCode: 550, enhancedCode: '5.1.1' });
  });

  it('a 5xx that is about the sender’s account is put off, not bounced', () => {
    const denied = { code: 554, enhanced: '5.7.1', text: '5.7.1 Relay access denied' };
    const result: HandOverResult = { outcome: 'refused', stage: 'RCPT', reply: denied, note: '' };
    expect(told(decideAfterHandOver(job(), facts(result)))).toEqual(['DEFERRED→DEFERRED']);
  });

  it('a refusal of our own, without a reply, is a rejection', () => {
    const result: HandOverResult = { outcome: 'refused', stage: 'MAIL', reply: undefined, note: 'no SMTPUTF8' };
    expect(told(decideAfterHandOver(job(), facts(result)))).toEqual(['REJECTED→REJECTED']);
  });

  it('a temporary failure is tried again by the lane’s schedule and says when', () => {
    const settlement = decideAfterHandOver(job(), facts(DEFERRED));
    expect(settlement.delayMs).toBe(60_000);
    expect(told(settlement)).toEqual(['DEFERRED→DEFERRED']);
    expect(settlement.changes[0]?.data?.nextAttemptAt).toBe('2026-01-01T12:01:00.000Z');
  });

  it('what was too much waits for more to be taken, everything else for its retry', () => {
    const tooMuch: HandOverResult = { outcome: 'deferred', stage: 'MAIL', reply: reply(421, '4.7.0'), note: '' };
    const of = (result: HandOverResult) => decideAfterHandOver(job(), facts(result)).waitingFor;
    expect([of(tooMuch), of(DEFERRED)]).toEqual(['RATE_LIMIT', 'RETRY']);
  });

  it('what is too much again and again is tried for as long as its lane tries, however often its limit seems lifted', () => {
    const tooMuch: HandOverResult = { outcome: 'deferred', stage: 'MAIL', reply: reply(421, '4.7.0'), note: '' };
    let triedMs = 0;
    let deferrals: number | undefined = 0;
    for (let attempt = 1; deferrals !== undefined; attempt += 1) {
      const settlement = decideAfterHandOver(job({ lane: 'BULK', attempt, deferrals }), facts(tooMuch, { attempt }));
      triedMs += settlement.waitingFor === 'RATE_LIMIT' ? 10_000 : (settlement.delayMs ?? 0);
      deferrals = settlement.deferrals;
    }
    expect(triedMs).toBeGreaterThan(44 * 3_600_000);
  });

  it('the next attempt is never told to be after the expiry', () => {
    const expiresAt = new Date('2026-01-01T12:00:30Z');
    const settlement = decideAfterHandOver(job({ expiresAt }), facts(DEFERRED));
    expect(settlement.changes[0]?.data?.nextAttemptAt).toBe(expiresAt.toISOString());
  });

  it('a spent schedule fails', () => {
    const settlement = decideAfterHandOver(
      job({ lane: 'OTP', attempt: 9, deferrals: 6 }),
      facts(DEFERRED, { attempt: 9 }),
    );
    expect(settlement.delayMs).toBeUndefined();
    expect(told(settlement)).toEqual(['FAILED→FAILED']);
  });

  it('a fault without a reply has the reason NETWORK', () => {
    const result: HandOverResult = { outcome: 'deferred', stage: 'CONNECT', reply: undefined, note: 'refused' };
    expect(decideAfterHandOver(job(), facts(result)).changes[0]).toMatchObject({ reason: 'NETWORK' });
  });

  it('in doubt, RESEND tries again and HOLD waits', () => {
    const resend = decideAfterHandOver(job(), facts(IN_DOUBT));
    expect([resend.delayMs, told(resend)]).toEqual([60_000, ['IN_DOUBT→IN_DOUBT']]);
    const hold = decideAfterHandOver(job(), facts(IN_DOUBT, { inDoubt: 'HOLD' }));
    expect([hold.delayMs, told(hold)]).toEqual([undefined, ['IN_DOUBT→IN_DOUBT']]);
  });

  it('attempts whose worker vanished are told before the outcome', () => {
    const settlement = decideAfterHandOver(job({ attempt: 3, lost: 2 }), facts(DEFERRED, { attempt: 3 }));
    expect(told(settlement)).toEqual(['ATTEMPT_LOST', 'ATTEMPT_LOST', 'IN_DOUBT→IN_DOUBT']);
    expect(settlement.changes.map(({ attempt }) => attempt?.attempt)).toEqual([1, 2, 3]);
  });
});

describe('several providers', () => {
  const UNREACHABLE: HandOverResult = { outcome: 'deferred', stage: 'CONNECT', reply: undefined, note: 'ECONNREFUSED' };
  const TAKEN: HandOverResult = { outcome: 'accepted', reply: reply(250, undefined), finalDestination: false };

  it('each conversation is an attempt of its own, and falling back moves nothing', () => {
    const first = fallbackNews(job({ attempt: 4 }), facts(UNREACHABLE, { attempt: 4, provider: 'one' }));
    expect(first).toMatchObject({ event: 'FALLBACK', attempt: { attempt: 4, outcome: 'DEFERRED', provider: 'one' } });
    expect(first.status).toBeUndefined();
    const settlement = decideAfterHandOver(job({ attempt: 4 }), facts(TAKEN, { attempt: 5, provider: 'two' }), [first]);
    expect(told(settlement)).toEqual(['FALLBACK', 'HANDED_OFF→HANDED_OFF']);
    expect(settlement.changes[1]).toMatchObject({ attempts: 5, attempt: { attempt: 5, provider: 'two' } });
  });

  it('a round through all of them is one step of the schedule', () => {
    const settlement = decideAfterHandOver(job({ attempt: 4, deferrals: 1 }), facts(UNREACHABLE, { attempt: 6 }));
    expect(settlement).toMatchObject({ attempts: 6, deferrals: 2, delayMs: 180_000, waitingFor: 'RETRY' });
  });

  it('a doubt is put to the provider that can resolve it, whatever the policy', () => {
    const settlement = decideAfterHandOver(job(), facts(IN_DOUBT, { inDoubt: 'HOLD', idempotent: true }));
    expect(settlement).toMatchObject({ delayMs: 60_000, provider: 'relay', waitingFor: 'DOUBT' });
  });
});

describe('a doubt that only one provider can resolve', () => {
  const UNREACHABLE: HandOverResult = { outcome: 'deferred', stage: 'CONNECT', reply: undefined, note: 'ECONNREFUSED' };
  const doubtful = job({ attempt: 2, deferrals: 1, provider: 'relay' });

  it('stays one while that provider cannot be reached, and nobody else is asked', () => {
    const settlement = decideAfterHandOver(doubtful, facts(UNREACHABLE, { attempt: 2, idempotent: true }));
    expect(told(settlement)).toEqual(['IN_DOUBT→IN_DOUBT']);
    expect(settlement).toMatchObject({ provider: 'relay', waitingFor: 'DOUBT' });
    expect(settlement.changes[0]?.attempt?.outcome).toBe('DEFERRED');
  });

  it('is left to the policy when it can no longer be resolved', () => {
    const hold = decideAfterHandOver(doubtful, facts(IN_DOUBT, { inDoubt: 'HOLD', attempt: 2 }));
    expect([hold.delayMs, hold.provider, told(hold)]).toEqual([undefined, undefined, ['IN_DOUBT→IN_DOUBT']]);
  });
});

describe('parking', () => {
  const refusal = { waitingFor: 'BREAKER', on: 'relay', waitMs: 700 } as const;

  const shut = { ...refusal, isShut: true } as const;
  const now = { now: NOW, status: 'QUEUED' } as const;
  const longAgo = new Date(NOW.getTime() - 60 * 3_600_000);

  it('leaves in doubt what a worker has vanished with: the job no longer tells', () => {
    const settlement = decideParking(job({ attempt: 2, lost: 1 }), refusal, now);
    expect(told(settlement)).toEqual(['ATTEMPT_LOST', 'IN_DOUBT→IN_DOUBT']);
    expect(settlement).toMatchObject({ delayMs: 700, attempts: 1 });
    const later = { ...now, status: 'IN_DOUBT', inDoubt: 'RESEND', isPutAside: false } as const;
    expect(told(decideBeforeSending(job({ attempt: 2, expired: true }), later))).toEqual(['IN_DOUBT→IN_DOUBT']);
  });

  it('is no attempt and no step of the schedule', () => {
    const settlement = decideParking(job({ attempt: 4, deferrals: 2 }), refusal, now);
    expect(settlement).toMatchObject({
      delayMs: 700,
      attempts: 3,
      waitingFor: 'BREAKER',
      waitingOn: 'relay',
      changes: [],
      isShut: false,
    });
    expect(settlement.deferrals).toBeUndefined();
    expect(decideParking(job(), shut, now).isShut).toBe(true);
  });

  it('where the way is shut ends with the time the lane tries for, and was no attempt', () => {
    const settlement = decideParking(job({ parkedSince: longAgo, attempt: 3 }), shut, now);
    expect([settlement.delayMs, told(settlement)]).toEqual([undefined, ['FAILED→FAILED']]);
    expect(settlement.changes[0]?.attempts).toBe(2);
    expect(decideParking(job({ parkedSince: NOW }), shut, now).delayMs).toBe(700);
  });

  it('in a queue for its turn does not end, however long that is', () => {
    expect(decideParking(job({ parkedSince: longAgo }), refusal, now).delayMs).toBe(700);
  });

  it('of what was perhaps sent ends as such', () => {
    const settlement = decideParking(job({ parkedSince: longAgo }), shut, { ...now, status: 'IN_DOUBT' });
    expect([settlement.delayMs, told(settlement)]).toEqual([undefined, ['IN_DOUBT→IN_DOUBT']]);
  });
});

describe('before sending', () => {
  const resend = { status: 'QUEUED', inDoubt: 'RESEND', isPutAside: false } as const;
  const hold = { ...resend, inDoubt: 'HOLD' } as const;

  it('a fresh claim is sent', () => {
    expect(decideBeforeSending(job(), hold)).toBeUndefined();
  });

  it('after a vanished worker RESEND sends again, HOLD waits for an operator', () => {
    const claim = job({ attempt: 2, lost: 1 });
    expect(decideBeforeSending(claim, resend)).toBeUndefined();
    expect(told(decideBeforeSending(claim, hold))).toEqual(['ATTEMPT_LOST', 'IN_DOUBT→IN_DOUBT']);
  });

  it('the third vanished worker in a row puts the message aside, the second already when it did so to another recipient', () => {
    const claim = job({ attempt: 4, lost: 3 });
    expect(told(decideBeforeSending(claim, resend))?.at(-1)).toBe('QUARANTINED→HELD');
    const suspect = job({ attempt: 3, lost: 2 });
    expect(decideBeforeSending(suspect, resend)).toBeUndefined();
    expect(told(decideBeforeSending(suspect, { ...resend, isPutAside: true }))?.at(-1)).toBe('QUARANTINED→HELD');
  });

  it('what has expired is not sent, and that was no attempt', () => {
    const settlement = decideBeforeSending(job({ expired: true }), resend);
    expect(told(settlement)).toEqual(['EXPIRED→EXPIRED']);
    expect(settlement?.changes[0]?.attempts).toBe(0);
  });

  it('what has expired and was perhaps sent stays in doubt', () => {
    const late = job({ expired: true, attempt: 2 });
    expect(told(decideBeforeSending(late, { ...resend, status: 'IN_DOUBT' }))).toEqual(['IN_DOUBT→IN_DOUBT']);
    const lost = job({ expired: true, attempt: 2, lost: 1 });
    expect(told(decideBeforeSending(lost, resend))).toEqual(['ATTEMPT_LOST', 'IN_DOUBT→IN_DOUBT']);
  });

  it.each(['HANDED_OFF', 'DELIVERED', 'BOUNCED'] as const)('what a provider told to be %s is done', (status) => {
    expect(decideBeforeSending(job(), { ...hold, status })).toEqual({ delayMs: undefined, changes: [] });
    expect(told(decideBeforeSending(job({ attempt: 4, lost: 3 }), { ...resend, status }))).toEqual([
      'ATTEMPT_LOST',
      'ATTEMPT_LOST',
      'ATTEMPT_LOST',
    ]);
  });
});

describe('a doubt', () => {
  const sentAgain = { status: 'IN_DOUBT', attempt: 2 } as const;

  it('stays one when the next attempt certainly failed', () => {
    const settlement = decideAfterHandOver(job({ attempt: 2 }), facts(DEFERRED, sentAgain));
    expect(told(settlement)).toEqual(['IN_DOUBT→IN_DOUBT']);
    expect(settlement.changes[0]).toMatchObject({ attempt: { outcome: 'DEFERRED' } });
    expect(settlement.delayMs).toBeGreaterThan(0);
  });

  it('stays one when nothing more is tried', () => {
    const settlement = decideAfterHandOver(job({ attempt: 40, deferrals: 99 }), facts(DEFERRED, sentAgain));
    expect([settlement.delayMs, told(settlement)]).toEqual([undefined, ['IN_DOUBT→IN_DOUBT']]);
  });

  it('is put to nobody who has certainly not taken the mail', () => {
    const settlement = decideAfterHandOver(job({ attempt: 2 }), facts(DEFERRED, { ...sentAgain, idempotent: true }));
    expect(settlement.provider).toBeUndefined();
  });

  it('is none when somebody takes it, or refuses it for good', () => {
    const accepted: HandOverResult = { outcome: 'accepted', reply: reply(250, '2.0.0'), finalDestination: false };
    expect(told(decideAfterHandOver(job(), facts(accepted, sentAgain)))).toEqual(['HANDED_OFF→HANDED_OFF']);
    const refused: HandOverResult = { outcome: 'refused', stage: 'RCPT', reply: reply(550, '5.1.1'), note: '' };
    expect(told(decideAfterHandOver(job(), facts(refused, sentAgain)))).toEqual(['BOUNCED→BOUNCED']);
  });
});
