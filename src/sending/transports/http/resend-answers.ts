import type { AnswerRule, Dialect, ProviderWords } from './http-outcome.js';
import type { HttpAnswer } from './http-exchange.js';
import { jsonObject, textIn } from '../../../domain/json-object.js';

/**
 * By the names of Resend's page of errors, those it listed formerly included. The last two before the
 * names of faults are about a key of ours that is known there: with an earlier request still under way,
 * or one that was worded otherwise, the recipient may have the mail.
 */
export const RESEND_RULES: readonly AnswerRule[] = [
  {
    id: 'key under way',
    name: ['concurrent_idempotent_requests'],
    outcome: 'in_doubt',
    reason: 'OTHER',
  },
  { id: 'key used otherwise', name: ['invalid_idempotent_request'], outcome: 'in_doubt', reason: 'OTHER' },
  {
    id: 'rate',
    name: ['rate_limit_exceeded'],
    outcome: 'deferred',
    reason: 'RATE_LIMITED',
    asksForLess: 'rate',
  },
  {
    id: 'quota',
    name: ['daily_quota_exceeded', 'monthly_quota_exceeded'],
    outcome: 'deferred',
    reason: 'RATE_LIMITED',
    asksForLess: 'quota',
  },
  {
    id: 'key, account or domain',
    name: [
      'missing_api_key',
      'invalid_api_key',
      'restricted_api_key',
      'suspended_api_key',
      'invalid_permission',
      'invalid_access',
      'invalid_region',
      'not_found',
      'method_not_allowed',
    ],
    outcome: 'deferred',
    reason: 'PROVIDER_CONFIGURATION',
  },
  {
    id: 'key in its body',
    status: [400, 422],
    text: /\bAPI key\b/i,
    outcome: 'deferred',
    reason: 'PROVIDER_CONFIGURATION',
  },
  {
    id: 'domain not verified',
    name: ['validation_error', 'invalid_from_address'],
    status: [400, 422],
    text: /not verified|verify (?:a|your) domain|testing emails/i,
    outcome: 'deferred',
    reason: 'PROVIDER_CONFIGURATION',
  },
  // Keys are made by us, the same for all attempts: the mail is not at fault, and waits.
  { id: 'key malformed', name: ['invalid_idempotency_key'], outcome: 'deferred', reason: 'OTHER' },
  { id: 'locked', name: ['resource_locked'], outcome: 'deferred', reason: 'OTHER' },
  { id: 'security', name: ['security_error'], outcome: 'deferred', reason: 'POLICY' },
  { id: 'attachment', name: ['invalid_attachment'], outcome: 'refused', reason: 'CONTENT' },
  {
    id: 'size',
    name: ['validation_error'],
    text: /too (?:large|big|long)|exceed/i,
    status: [400, 422],
    outcome: 'refused',
    reason: 'TOO_LARGE',
  },
  // What is an address was settled at the edge: a field it finds invalid is a rule of Resend's.
  {
    id: 'field not taken',
    name: ['validation_error', 'invalid_from_address', 'invalid_parameter'],
    status: [400, 422],
    outcome: 'refused',
    reason: 'POLICY',
  },
];

export const RESEND: Dialect = { rules: RESEND_RULES, errorIn: resendError, acceptanceIn };

/** {"statusCode": …, "name": "…", "message": "…"} */
export function resendError({ body }: HttpAnswer): ProviderWords | undefined {
  const object = jsonObject(body);
  const name = textIn(object, 'name');
  return name === undefined ? undefined : { name, text: textIn(object, 'message') ?? '' };
}

/** {"id": "…"} */
function acceptanceIn({ body }: HttpAnswer): { id: string; text: string } | undefined {
  const id = textIn(jsonObject(body), 'id');
  return id === undefined ? undefined : { id, text: '' };
}
