import { describe, expect, it } from '@jest/globals';
import type { ReasonClass } from '../../../domain/bounce-class.js';
import type { HttpAnswer } from './http-exchange.js';
import { outcomeOf, ruleFor } from './http-outcome.js';
import { RESEND, RESEND_RULES, resendError } from './resend-answers.js';

type Row = readonly [
  id: string,
  status: number,
  name: string,
  message: string,
  outcome: 'deferred' | 'refused' | 'in_doubt',
  reason: ReasonClass,
];

/** Every error of Resend's page that an answer to these requests can carry, and those it had before. */
const ERRORS: readonly Row[] = [
  [
    'key under way',
    409,
    'concurrent_idempotent_requests',
    'There is another request in progress.',
    'in_doubt',
    'OTHER',
  ],
  ['key used otherwise', 409, 'invalid_idempotent_request', 'The body was modified.', 'in_doubt', 'OTHER'],
  ['rate', 429, 'rate_limit_exceeded', 'Too many requests.', 'deferred', 'RATE_LIMITED'],
  ['quota', 429, 'daily_quota_exceeded', 'You have exceeded your daily quota.', 'deferred', 'RATE_LIMITED'],
  ['quota', 429, 'monthly_quota_exceeded', 'You have exceeded your monthly quota.', 'deferred', 'RATE_LIMITED'],
  ['key, account or domain', 401, 'missing_api_key', 'Missing API key', 'deferred', 'PROVIDER_CONFIGURATION'],
  ['key, account or domain', 401, 'restricted_api_key', 'Only send', 'deferred', 'PROVIDER_CONFIGURATION'],
  ['key, account or domain', 403, 'restricted_api_key', 'Not active', 'deferred', 'PROVIDER_CONFIGURATION'],
  ['key, account or domain', 403, 'suspended_api_key', 'Suspended', 'deferred', 'PROVIDER_CONFIGURATION'],
  ['key, account or domain', 403, 'invalid_api_key', 'API key is invalid', 'deferred', 'PROVIDER_CONFIGURATION'],
  ['key, account or domain', 403, 'invalid_permission', 'Missing scopes', 'deferred', 'PROVIDER_CONFIGURATION'],
  ['key, account or domain', 422, 'invalid_access', 'No access', 'deferred', 'PROVIDER_CONFIGURATION'],
  ['key, account or domain', 404, 'not_found', 'No endpoint', 'deferred', 'PROVIDER_CONFIGURATION'],
  ['key, account or domain', 405, 'method_not_allowed', 'No method', 'deferred', 'PROVIDER_CONFIGURATION'],
  ['key in its body', 400, 'validation_error', 'API key is invalid', 'deferred', 'PROVIDER_CONFIGURATION'],
  ['not authorised', 401, 'validation_error', 'API key is invalid', 'deferred', 'PROVIDER_CONFIGURATION'],
  ['not authorised', 403, 'validation_error', 'x.test is not verified', 'deferred', 'PROVIDER_CONFIGURATION'],
  ['domain not verified', 422, 'validation_error', 'x.test is not verified', 'deferred', 'PROVIDER_CONFIGURATION'],
  ['key malformed', 400, 'invalid_idempotency_key', '1 to 256 characters', 'deferred', 'OTHER'],
  ['locked', 409, 'resource_locked', 'Already updating', 'deferred', 'OTHER'],
  ['security', 451, 'security_error', 'A security issue', 'deferred', 'POLICY'],
  ['attachment', 422, 'invalid_attachment', 'Neither content nor path', 'refused', 'CONTENT'],
  ['size', 422, 'validation_error', 'The email exceeds the maximum of 40MB', 'refused', 'TOO_LARGE'],
  ['field not taken', 400, 'validation_error', 'Invalid `to` field.', 'refused', 'POLICY'],
  ['field not taken', 422, 'invalid_parameter', 'Not a UUID', 'refused', 'POLICY'],
  ['malformed', 422, 'missing_required_field', 'Missing `subject`', 'refused', 'OTHER'],
  ['fault of the provider', 500, 'application_error', 'Unexpected', 'deferred', 'NETWORK'],
  ['fault of the provider', 500, 'internal_server_error', 'Unexpected', 'deferred', 'NETWORK'],
  ['fault of the provider', 503, 'service_unavailable', 'Unavailable', 'deferred', 'NETWORK'],
];

function answer(status: number, body: unknown, headers: HttpAnswer['headers'] = {}): HttpAnswer {
  return { status, headers, body: Buffer.from(JSON.stringify(body)), requestComplete: true };
}

describe('RESEND', () => {
  it.each(ERRORS)('%s: %d %s, %s', (id, statusCode, name, message, outcome, reason) => {
    const given = answer(statusCode, { statusCode, name, message });
    expect(ruleFor(statusCode, resendError(given), RESEND_RULES).id).toBe(id);
    expect(outcomeOf({ got: 'answer', answer: given }, RESEND, 0)).toMatchObject({
      outcome,
      note: `the provider answered ${statusCode} ${name}`,
      ...(outcome === 'in_doubt' ? {} : { reason, reply: { code: statusCode, text: message } }),
    });
  });

  it('has an error above for each of its rules', () => {
    const ids = RESEND_RULES.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !ERRORS.some(([covered]) => covered === id))).toEqual([]);
  });

  it('reads the rate from its headers, but not what a quota would take', () => {
    const headers = { 'ratelimit-limit': '10', 'ratelimit-remaining': '0', 'ratelimit-reset': '1', 'retry-after': '1' };
    const rate = answer(429, { name: 'rate_limit_exceeded', message: '' }, headers);
    expect(outcomeOf({ got: 'answer', answer: rate }, RESEND, 0)).toMatchObject({
      pushback: { scope: 'PROVIDER', retryAfterMs: 1000, perSecond: 10 },
    });
    const quota = answer(429, { name: 'daily_quota_exceeded', message: '' }, { ...headers, 'retry-after': undefined });
    const result = outcomeOf({ got: 'answer', answer: quota }, RESEND, 0);
    expect(result).toHaveProperty('pushback', { scope: 'PROVIDER' });
  });
});
