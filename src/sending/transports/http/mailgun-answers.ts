import type { AnswerRule, Dialect, ProviderWords } from './http-outcome.js';
import type { HttpAnswer } from './http-exchange.js';
import { jsonObject, textIn } from '../../../domain/json-object.js';

/**
 * Mailgun has no names for its errors: the status and the text have to do. Sources: its OpenAPI
 * description of messages.mime, its page on response codes, and 420 as its clients report it.
 */
export const MAILGUN_RULES: readonly AnswerRule[] = [
  {
    id: 'limit of the domain or the account',
    status: [420, 429],
    text: /recipient limit|daily|monthly|hourly/i,
    outcome: 'deferred',
    reason: 'RATE_LIMITED',
    asksForLess: 'quota',
  },
  { id: 'too many', status: [420, 429], outcome: 'deferred', reason: 'RATE_LIMITED', asksForLess: 'rate' },
  {
    id: 'domain, account or plan',
    status: [400],
    text: /not allowed to send|sandbox (?:sub)?domain|authorized recipients|\bunverified\b|account (?:is )?(?:disabled|suspended)|free accounts/i,
    outcome: 'deferred',
    reason: 'PROVIDER_CONFIGURATION',
  },
  {
    id: 'too large',
    status: [400],
    text: /too (?:large|big|long)|exceeds? .{0,20}(?:size|limit)|limited to/i,
    outcome: 'refused',
    reason: 'TOO_LARGE',
  },
  // What is an address was settled at the edge: a mailbox it calls invalid need not be one that does not exist.
  { id: 'address not taken', status: [400], text: /not a valid address/i, outcome: 'refused', reason: 'POLICY' },
  {
    id: 'mail not understood',
    status: [400],
    text: /\bmime\b|parameter is missing|parse|malformed/i,
    outcome: 'refused',
    reason: 'CONTENT',
  },
];

export const MAILGUN: Dialect = { rules: MAILGUN_RULES, errorIn, acceptanceIn };

/** {"message": "…"}, but 401 is the bare word Forbidden, as text or as a JSON string. */
function errorIn({ status, body }: HttpAnswer): ProviderWords | undefined {
  const text = textIn(jsonObject(body), 'message');
  if (text !== undefined) return { text };
  return status === 401 ? { text: body.toString().replace(/^"|"$/g, '') } : undefined;
}

/** {"id": "<…@…>", "message": "Queued. Thank you."}; later news name it without the brackets. */
function acceptanceIn({ body }: HttpAnswer): { id: string; text: string } | undefined {
  const object = jsonObject(body);
  const id = textIn(object, 'id')?.replace(/^<|>$/g, '');
  return id === undefined ? undefined : { id, text: textIn(object, 'message') ?? '' };
}
