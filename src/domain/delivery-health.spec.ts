import { describe, expect, it } from '@jest/globals';
import { type Health, healthOf, mayTryAnotherWay } from './delivery-health.js';

type Facts = Parameters<typeof healthOf>[0];

const reply = (code: number, enhanced?: string, text = ''): Facts['reply'] => ({ code, enhanced, text });
const deferred = (more: Partial<Facts>): Facts => ({
  outcome: 'deferred',
  stage: 'RCPT',
  reply: reply(450),
  reason: 'OTHER',
  ...more,
});

describe('what an attempt says about its way', () => {
  it.each<[string, Partial<Facts>, Health, boolean]>([
    ['nobody there', { stage: 'CONNECT', reply: undefined, reason: 'NETWORK' }, 'FAILED', true],
    ['no greeting', { stage: 'GREETING', reply: undefined, reason: 'NETWORK' }, 'FAILED', true],
    ['no TLS', { stage: 'TLS', reply: undefined, reason: 'TLS' }, 'FAILED', true],
    ['a refusing greeting', { stage: 'GREETING', reply: reply(554) }, 'FAILED', true],
    [
      'a wrong password',
      { stage: 'AUTH', reply: reply(535, '5.7.8'), reason: 'PROVIDER_CONFIGURATION' },
      'FAILED',
      true,
    ],
    ['broken off before the end', { stage: 'DATA', reply: undefined, reason: 'NETWORK' }, 'FAILED', true],
    ['closing for now', { stage: 'MAIL', reply: reply(421, '4.3.2'), reason: 'NETWORK' }, 'PUSHED_BACK', true],
    ['too much for the sender', { reply: reply(450, '4.7.28'), reason: 'RATE_LIMITED' }, 'PUSHED_BACK', true],
    ['a policy against the sender', { reply: reply(451, '4.7.650'), reason: 'POLICY' }, 'PUSHED_BACK', true],
    ['told to send less', { reply: reply(429), pushback: { scope: 'PROVIDER' } }, 'PUSHED_BACK', true],
    ['a full mailbox', { reply: reply(452, '4.2.2'), reason: 'MAILBOX_FULL' }, 'WORKED', false],
    ['greylisting', { reply: reply(450, '4.7.1', 'Greylisted'), reason: 'GREYLISTED' }, 'WORKED', false],
    ['something else for now', { reply: reply(451, '4.3.0') }, 'WORKED', false],
    ['relaying denied', { reply: reply(550, '5.7.1'), reason: 'PROVIDER_CONFIGURATION' }, 'WORKED', true],
    ['a fault of ours', { stage: 'CONNECT', reply: undefined, reason: 'OTHER' }, 'WORKED', false],
    [
      'a signature that cannot be made',
      { stage: 'CONNECT', reply: undefined, reason: 'AUTHENTICATION' },
      'WORKED',
      false,
    ],
  ])('%s', (_, facts, health, anotherWay) => {
    expect([healthOf(deferred(facts)), mayTryAnotherWay(deferred(facts))]).toEqual([health, anotherWay]);
  });

  it('a refusal for good is an answer, and final', () => {
    const refused = deferred({ outcome: 'refused', reply: reply(550, '5.1.1'), reason: 'BAD_MAILBOX' });
    expect([healthOf(refused), mayTryAnotherWay(refused)]).toEqual(['WORKED', false]);
  });
});
