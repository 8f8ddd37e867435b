import { describe, expect, it } from '@jest/globals';
import type { HttpAnswer } from './http-exchange.js';
import { outcomeOf, ruleFor } from './http-outcome.js';
import { MAILGUN, MAILGUN_RULES } from './mailgun-answers.js';

const NOW = Date.parse('2025-08-25T07:00:01Z');

/** An answer for each rule, and for each that Mailgun documents. */
const ANSWERS: readonly [id: string, status: number, message: string][] = [
  [
    'limit of the domain or the account',
    420,
    'Domain x.test is not allowed to send: recipient limit exceeded, try again after Mon, 25 Aug 2025 07:00:31 UTC',
  ],
  [
    'too many',
    429,
    'Domain x.test is not allowed to send: account-requests-per-sec limit exceeded, try again after 120 seconds',
  ],
  [
    'domain, account or plan',
    400,
    'Sandbox subdomains are for test purposes only. Please add your own domain or add the address to authorized recipients in Account Settings.',
  ],
  ['too large', 400, 'Send options (parameters starting with o:, h:, or v:) are limited to 16KB total'],
  ['address not taken', 400, "'to' parameter is not a valid address. please check documentation"],
  ['mail not understood', 400, 'from parameter is missing'],
  ['malformed', 400, 'Something else'],
  ['not authorised', 401, 'Invalid private key'],
  ['not authorised', 402, 'Payment required'],
  ['not authorised', 403, 'Domain x.test is not allowed to send: Account disabled'],
  ['not found', 404, 'Domain not found: x.test'],
  ['too large', 413, 'Request entity too large'],
  ['fault of the provider', 500, 'Internal Server Error'],
];

const answer = (status: number, body: string): HttpAnswer => ({
  status,
  headers: {},
  body: Buffer.from(body),
  requestComplete: true,
});

const outcome = (status: number, body: string) =>
  outcomeOf({ got: 'answer', answer: answer(status, body) }, MAILGUN, NOW);

describe('MAILGUN', () => {
  it.each(ANSWERS)('%s: %d %s', (id, status, message) => {
    const words = MAILGUN.errorIn(answer(status, JSON.stringify({ message })));
    expect(words).toEqual({ text: message });
    expect(ruleFor(status, words, MAILGUN_RULES).id).toBe(id);
  });

  it('has an answer above for each of its rules', () => {
    const ids = MAILGUN_RULES.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !ANSWERS.some(([covered]) => covered === id))).toEqual([]);
  });

  it('reads when to come back out of the text', () => {
    expect(outcome(420, JSON.stringify({ message: ANSWERS[0]?.[2] }))).toMatchObject({
      outcome: 'deferred',
      reason: 'RATE_LIMITED',
      pushback: { scope: 'PROVIDER', retryAfterMs: 30_000 },
    });
    expect(outcome(429, JSON.stringify({ message: ANSWERS[1]?.[2] }))).toMatchObject({
      pushback: { scope: 'PROVIDER', retryAfterMs: 120_000 },
    });
  });

  it('reads the bare word of a 401, as text and as JSON', () => {
    for (const body of ['Forbidden', '"Forbidden"']) {
      expect(outcome(401, body)).toMatchObject({ outcome: 'deferred', reply: { code: 401, text: 'Forbidden' } });
    }
  });

  it('names a mail without the brackets', () => {
    expect(outcome(200, '{"id":"<1.2@x.test>","message":"Queued. Thank you."}')).toMatchObject({
      outcome: 'accepted',
      providerMessageId: '1.2@x.test',
      reply: { code: 200, text: 'Queued. Thank you.' },
    });
  });
});
