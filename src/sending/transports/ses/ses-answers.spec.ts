import { describe, expect, it } from '@jest/globals';
import type { ReasonClass } from '../../../domain/bounce-class.js';
import type { HttpAnswer } from '../http/http-exchange.js';
import { outcomeOf, ruleFor } from '../http/http-outcome.js';
import { SES, SES_RULES } from './ses-answers.js';

type Row = readonly [
  id: string,
  status: number,
  name: string,
  message: string,
  outcome: 'deferred' | 'refused',
  reason: ReasonClass,
];

const UNVERIFIED = 'Email address is not verified. The following identities failed the check in region EU-WEST-1: x';

/** Every error of the reference of SendEmail, and of those common to all services. */
const ERRORS: readonly Row[] = [
  ['rate', 429, 'TooManyRequestsException', 'Too many requests', 'deferred', 'RATE_LIMITED'],
  ['rate', 400, 'ThrottlingException', 'Maximum sending rate exceeded.', 'deferred', 'RATE_LIMITED'],
  ['quota', 400, 'ThrottlingException', 'Daily message quota exceeded.', 'deferred', 'RATE_LIMITED'],
  ['quota', 400, 'LimitExceededException', 'Too many', 'deferred', 'RATE_LIMITED'],
  ['not verified', 400, 'MessageRejected', UNVERIFIED, 'deferred', 'PROVIDER_CONFIGURATION'],
  ['not verified', 400, 'MessageRejected', 'Account is paused', 'deferred', 'PROVIDER_CONFIGURATION'],
  ['recipient on its own list', 400, 'MessageRejected', 'Address blacklisted.', 'refused', 'BAD_MAILBOX'],
  ['too large', 400, 'MessageRejected', 'Message length is more than 41943040 bytes long.', 'refused', 'TOO_LARGE'],
  ['content', 400, 'MessageRejected', 'Illegal attachment', 'refused', 'CONTENT'],
  [
    'account, identity or configuration set',
    400,
    'AccountSuspendedException',
    '',
    'deferred',
    'PROVIDER_CONFIGURATION',
  ],
  ['account, identity or configuration set', 400, 'SendingPausedException', '', 'deferred', 'PROVIDER_CONFIGURATION'],
  [
    'account, identity or configuration set',
    400,
    'MailFromDomainNotVerifiedException',
    '',
    'deferred',
    'PROVIDER_CONFIGURATION',
  ],
  ['account, identity or configuration set', 404, 'NotFoundException', 'No set', 'deferred', 'PROVIDER_CONFIGURATION'],
  ['account, identity or configuration set', 403, 'OptInRequired', '', 'deferred', 'PROVIDER_CONFIGURATION'],
  ['credentials', 403, 'AccessDeniedException', '', 'deferred', 'PROVIDER_CONFIGURATION'],
  ['credentials', 400, 'AccessDeniedException', '', 'deferred', 'PROVIDER_CONFIGURATION'],
  ['credentials', 403, 'ExpiredTokenException', '', 'deferred', 'PROVIDER_CONFIGURATION'],
  ['credentials', 400, 'IncompleteSignature', '', 'deferred', 'PROVIDER_CONFIGURATION'],
  ['credentials', 403, 'InvalidClientTokenId', '', 'deferred', 'PROVIDER_CONFIGURATION'],
  ['credentials', 403, 'InvalidSignatureException', '', 'deferred', 'PROVIDER_CONFIGURATION'],
  ['credentials', 403, 'MissingAuthenticationToken', '', 'deferred', 'PROVIDER_CONFIGURATION'],
  ['credentials', 401, 'NotAuthorized', '', 'deferred', 'PROVIDER_CONFIGURATION'],
  ['credentials', 403, 'SignatureDoesNotMatch', '', 'deferred', 'PROVIDER_CONFIGURATION'],
  ['credentials', 400, 'UnrecognizedClientException', '', 'deferred', 'PROVIDER_CONFIGURATION'],
  ['expired', 400, 'RequestExpired', '', 'deferred', 'PROVIDER_CONFIGURATION'],
  ['request cut short', 400, 'RequestAbortedException', '', 'deferred', 'NETWORK'],
  ['request cut short', 400, 'RequestTimeoutException', '', 'deferred', 'NETWORK'],
  ['changed meanwhile', 409, 'ConflictException', '', 'deferred', 'OTHER'],
  ['changed meanwhile', 500, 'ConcurrentModificationException', '', 'deferred', 'OTHER'],
  ['mail not taken', 400, 'BadRequestException', 'Missing final @domain', 'refused', 'OTHER'],
  ['mail not taken', 400, 'ValidationException', '', 'refused', 'OTHER'],
  ['too large', 413, 'RequestEntityTooLargeException', '', 'refused', 'TOO_LARGE'],
  ['fault of the provider', 500, 'InternalServiceErrorException', '', 'deferred', 'NETWORK'],
  ['fault of the provider', 500, 'InternalFailure', '', 'deferred', 'NETWORK'],
  ['fault of the provider', 503, 'ServiceUnavailable', '', 'deferred', 'NETWORK'],
];

function answer(status: number, body: unknown, headers: HttpAnswer['headers'] = {}): HttpAnswer {
  return { status, headers, body: Buffer.from(JSON.stringify(body)), requestComplete: true };
}

describe('SES', () => {
  it.each(ERRORS)('%s: %d %s, %s', (id, status, name, message, outcome, reason) => {
    const given = answer(status, { message }, { 'x-amzn-errortype': name });
    expect(ruleFor(status, SES.errorIn(given), SES_RULES).id).toBe(id);
    expect(outcomeOf({ got: 'answer', answer: given }, SES, 0)).toMatchObject({
      outcome,
      reason,
      reply: { code: status, text: message },
      note: `the provider answered ${status} ${name}`,
    });
  });

  it('has an error above for each of its rules', () => {
    const ids = SES_RULES.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !ERRORS.some(([covered]) => covered === id))).toEqual([]);
  });

  it.each([
    [{ 'x-amzn-errortype': 'MessageRejected:http://internal.amazon.com/coral/x/' }, { message: 'No.' }],
    [{ 'x-amzn-errortype': 'com.amazon.x#MessageRejected' }, { Message: 'No.' }],
    [{}, { __type: 'com.amazon.x#MessageRejected', message: 'No.' }],
    [{}, { code: 'MessageRejected', message: 'No.' }],
  ])('finds the name of an error in %j %j', (headers, body) => {
    expect(SES.errorIn(answer(400, body, headers))).toEqual({ name: 'MessageRejected', text: 'No.' });
  });

  it('takes no body without a name for its own', () => {
    expect(SES.errorIn(answer(503, { message: 'upstream' }))).toBeUndefined();
  });

  it('asks for less where the rate or the quota is exceeded', () => {
    const given = answer(
      400,
      { message: 'Daily message quota exceeded' },
      { 'x-amzn-errortype': 'ThrottlingException' },
    );
    expect(outcomeOf({ got: 'answer', answer: given }, SES, 0)).toHaveProperty('pushback', { scope: 'PROVIDER' });
  });
});
