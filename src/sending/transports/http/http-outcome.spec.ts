import { describe, expect, it } from '@jest/globals';
import type { HttpAnswer } from './http-exchange.js';
import { type Dialect, outcomeOf, ruleFor, STATUS_RULES } from './http-outcome.js';

const NOW = Date.parse('2026-11-22T09:00:00Z');

/** Errors are {"e": "…"}, acceptances {"id": "…"}. */
const DIALECT: Dialect = {
  rules: [{ id: 'in doubt', text: /perhaps/, outcome: 'in_doubt', reason: 'OTHER' }],
  errorIn: ({ body, headers }) => {
    const text = /^\{"e":"(.*)"\}$/s.exec(body.toString())?.[1];
    return text === undefined ? undefined : { text, name: headers['x-name']?.toString() };
  },
  acceptanceIn: ({ body }) => {
    const id = /^\{"id":"(.*)"\}$/.exec(body.toString())?.[1];
    return id === undefined ? undefined : { id, text: 'queued' };
  },
};

function answered(status: number, body: string, changes: Partial<HttpAnswer> = {}) {
  const answer = { status, headers: {}, body: Buffer.from(body), requestComplete: true, ...changes };
  return outcomeOf({ got: 'answer', answer }, DIALECT, NOW);
}

describe('without an answer', () => {
  it('nothing was sent where the server never had the whole request', () => {
    expect(outcomeOf({ got: 'not_sent', stage: 'CONNECT', note: 'x' }, DIALECT, NOW)).toEqual({
      outcome: 'deferred',
      stage: 'CONNECT',
      reply: undefined,
      note: 'x',
    });
    expect(outcomeOf({ got: 'not_sent', stage: 'TLS', note: 'x' }, DIALECT, NOW)).toMatchObject({ reason: 'TLS' });
  });

  it('it is in doubt where it may have had it', () => {
    expect(outcomeOf({ got: 'unknown', note: 'timed out' }, DIALECT, NOW)).toEqual({
      outcome: 'in_doubt',
      stage: 'FINAL_REPLY',
      note: 'timed out after the request was written',
    });
  });
});

describe('a success', () => {
  it('counts when it is the provider that speaks', () => {
    expect(answered(200, '{"id":"7"}')).toEqual({
      outcome: 'accepted',
      reply: { code: 200, enhanced: undefined, text: 'queued' },
      finalDestination: false,
      providerMessageId: '7',
    });
    expect(answered(200, '<html>Welcome</html>')).toMatchObject({ outcome: 'in_doubt', stage: 'FINAL_REPLY' });
    expect(answered(204, '')).toMatchObject({ outcome: 'in_doubt' });
  });

  it('cannot be about a mail that was not written', () => {
    expect(answered(200, '{"id":"7"}', { requestComplete: false })).toMatchObject({
      outcome: 'deferred',
      stage: 'BODY',
    });
  });
});

describe('a fault', () => {
  it.each([500, 501, 503, 529])('with %d is known not to be sent in the words of the provider', (status) => {
    const result = answered(status, '{"e":"no"}');
    expect(result).toMatchObject({
      outcome: 'deferred',
      stage: 'FINAL_REPLY',
      reason: 'NETWORK',
      reply: { code: status },
    });
    expect(answered(status, '<html>upstream</html>')).toMatchObject({ outcome: 'in_doubt' });
  });

  it.each([502, 504])('of a gateway with %d is in doubt in any words', (status) => {
    expect(answered(status, '{"e":"no"}')).toMatchObject({ outcome: 'in_doubt' });
    expect(answered(status, '')).toMatchObject({ outcome: 'in_doubt' });
  });

  it('of a gateway is not in doubt before the request was written', () => {
    expect(answered(502, '', { requestComplete: false })).toMatchObject({ outcome: 'deferred', stage: 'BODY' });
  });
});

describe('STATUS_RULES', () => {
  const rows = STATUS_RULES.flatMap((rule) => (rule.status ?? []).map((status) => ({ ...rule, status })));

  it.each(rows)('$status: $id', ({ id, status, outcome, reason }) => {
    expect(ruleFor(status, undefined, []).id).toBe(id);
    expect(answered(status, '')).toMatchObject({ outcome, reason, reply: { code: status }, stage: 'FINAL_REPLY' });
  });

  it.each([304, 418, 451, 499])('keep a mail answered with %d, of which nothing is known', (status) => {
    expect(answered(status, '')).toMatchObject({ outcome: 'deferred', reason: 'OTHER' });
  });

  it('never take our credentials or settings for the fault of a mail', () => {
    for (const status of [401, 402, 403, 404, 405, 407]) {
      expect(answered(status, '{"e":"no"}')).toMatchObject({ outcome: 'deferred', reason: 'PROVIDER_CONFIGURATION' });
    }
  });
});

describe('what is told besides', () => {
  it('is a rule of the provider before those for all', () => {
    expect(answered(409, '{"e":"perhaps"}')).toEqual({
      outcome: 'in_doubt',
      stage: 'FINAL_REPLY',
      note: 'the provider answered 409',
    });
  });

  it('is that a refusal came before the whole request was read', () => {
    expect(answered(413, '', { requestComplete: false })).toMatchObject({ outcome: 'refused', stage: 'BODY' });
  });

  it('is what is asked for: the time and the rate', () => {
    const headers = { 'retry-after': '2', 'ratelimit-limit': '10' };
    expect(answered(429, '{"e":"no"}', { headers })).toMatchObject({
      pushback: { scope: 'PROVIDER', retryAfterMs: 2000, perSecond: 10 },
    });
    expect(answered(429, '')).toMatchObject({ pushback: { scope: 'PROVIDER' } });
    expect(answered(503, '{"e":"no"}', { headers })).toMatchObject({
      pushback: { scope: 'PROVIDER', retryAfterMs: 2000 },
    });
    expect(answered(400, '{"e":"no"}')).not.toHaveProperty('pushback');
  });

  it('is a name in the note, but nothing that is none', () => {
    const note = (name: string) => answered(400, '{"e":"no"}', { headers: { 'x-name': name } });
    expect(note('bad_request')).toMatchObject({ note: 'the provider answered 400 bad_request' });
    expect(note('for b@to.test')).toMatchObject({ note: 'the provider answered 400' });
  });

  it('is a text of one line and of bounded length', () => {
    const result = answered(400, `{"e":"a\r\nb\u0000${'😀'.repeat(2000)}"}`);
    const text = result.outcome === 'refused' ? result.reply?.text : '';
    expect(text).toMatch(/^a b 😀+$/u);
    expect(text?.length).toBe(500);
  });
});
