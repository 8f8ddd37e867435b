import type { HttpAnswer } from '../http/http-exchange.js';
import type { AnswerRule, Dialect, ProviderWords } from '../http/http-outcome.js';
import { jsonObject, textIn } from '../../../domain/json-object.js';

/**
 * By the names of the SES v2 reference and of its errors common to all services; the texts are those
 * of its pages on sending errors and on quotas. A mail of an unverified sender, and in the sandbox to an
 * unverified recipient, is refused under the name of a bad mail, but is mended at SES.
 */
export const SES_RULES: readonly AnswerRule[] = [
  {
    id: 'rate',
    name: ['TooManyRequestsException', 'ThrottlingException', 'Throttling'],
    text: /sending rate|too many requests|rate exceeded/i,
    outcome: 'deferred',
    reason: 'RATE_LIMITED',
    asksForLess: 'rate',
  },
  {
    id: 'quota',
    name: ['TooManyRequestsException', 'ThrottlingException', 'Throttling', 'LimitExceededException'],
    outcome: 'deferred',
    reason: 'RATE_LIMITED',
    asksForLess: 'quota',
  },
  {
    id: 'not verified',
    name: ['MessageRejected'],
    text: /not verified|\bpaused\b|\bsuspended\b|\bdisabled\b/i,
    outcome: 'deferred',
    reason: 'PROVIDER_CONFIGURATION',
  },
  {
    id: 'recipient on its own list',
    name: ['MessageRejected'],
    text: /address blacklisted/i,
    outcome: 'refused',
    reason: 'BAD_MAILBOX',
  },
  {
    id: 'too large',
    name: ['MessageRejected', 'BadRequestException', 'InvalidParameterValue', 'ValidationException', 'ValidationError'],
    text: /message (?:length|size)|\bbytes long\b|too (?:large|long)/i,
    outcome: 'refused',
    reason: 'TOO_LARGE',
  },
  { id: 'content', name: ['MessageRejected'], outcome: 'refused', reason: 'CONTENT' },
  {
    id: 'account, identity or configuration set',
    name: [
      'AccountSuspendedException',
      'SendingPausedException',
      'MailFromDomainNotVerifiedException',
      'NotFoundException',
      'OptInRequired',
    ],
    outcome: 'deferred',
    reason: 'PROVIDER_CONFIGURATION',
  },
  {
    id: 'credentials',
    name: [
      'AccessDeniedException',
      'AccessDenied',
      'ExpiredTokenException',
      'ExpiredToken',
      'IncompleteSignature',
      'IncompleteSignatureException',
      'InvalidClientTokenId',
      'InvalidSignatureException',
      'MissingAuthenticationToken',
      'MissingAuthenticationTokenException',
      'NotAuthorized',
      'SignatureDoesNotMatch',
      'UnrecognizedClientException',
    ],
    outcome: 'deferred',
    reason: 'PROVIDER_CONFIGURATION',
  },
  // A clock that is wrong, ours or theirs, or a connection too slow for the signature.
  {
    id: 'expired',
    name: ['RequestExpired', 'RequestTimeTooSkewed'],
    outcome: 'deferred',
    reason: 'PROVIDER_CONFIGURATION',
  },
  {
    id: 'request cut short',
    name: ['RequestAbortedException', 'RequestTimeoutException', 'RequestTimeout'],
    outcome: 'deferred',
    reason: 'NETWORK',
  },
  {
    id: 'changed meanwhile',
    name: ['ConflictException', 'ConcurrentModificationException'],
    outcome: 'deferred',
    reason: 'OTHER',
  },
  {
    id: 'mail not taken',
    name: ['BadRequestException', 'InvalidParameterValue', 'ValidationException', 'ValidationError'],
    outcome: 'refused',
    reason: 'OTHER',
  },
];

export const SES: Dialect = { rules: SES_RULES, errorIn, acceptanceIn };

/**
 * REST-JSON: the name is in x-amzn-errortype, with a shape or an address behind a colon, or in the
 * body with a namespace before a hash.
 */
function errorIn({ headers, body }: HttpAnswer): ProviderWords | undefined {
  const object = jsonObject(body);
  const header = headers['x-amzn-errortype'];
  const told = (Array.isArray(header) ? header[0] : header) ?? textIn(object, '__type') ?? textIn(object, 'code');
  const name = told?.split(':')[0]?.split('#').at(-1);
  if (name === undefined || name === '') return undefined;
  return { name, text: textIn(object, 'message') ?? textIn(object, 'Message') ?? '' };
}

function acceptanceIn({ body }: HttpAnswer): { id: string; text: string } | undefined {
  const id = textIn(jsonObject(body), 'MessageId');
  return id === undefined ? undefined : { id, text: '' };
}
