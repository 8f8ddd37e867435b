interface ErrorDescription {
  /** What happened, as a heading of the errors page. */
  readonly when: string;
  /** What the caller does about it. */
  readonly fix: string;
  readonly retryable: boolean;
  /** `payload`: in userErrors of the mutation; `top`: in the response's errors. */
  readonly where: 'payload' | 'top';
}

const describe = <K extends string>(table: Record<K, ErrorDescription>): Readonly<Record<K, ErrorDescription>> => table;

/** Every error code a client can meet. docs/errors.md is printed from this table. */
export const ERRORS = describe({
  REQUIRED: {
    where: 'payload',
    retryable: false,
    when: 'A value that is needed is missing or empty.',
    fix: 'Give the value named by path.',
  },
  INVALID_VALUE: {
    where: 'payload',
    retryable: false,
    when: 'A value is not of the form the field needs.',
    fix: 'Correct the value named by path; the message says what is expected.',
  },
  INVALID_ADDRESS: {
    where: 'payload',
    retryable: false,
    when: 'An e-mail address is not a single valid mailbox.',
    fix: 'Give exactly one address such as ada@example.com; put the display name into name.',
  },
  HEADER_NOT_ALLOWED: {
    where: 'payload',
    retryable: false,
    when: 'A custom header is not on the allow-list or its value has control characters.',
    fix: 'Use X-… headers or the listed standard ones; recipients, subject and dates have their own fields.',
  },
  INVALID_ATTACHMENT: {
    where: 'payload',
    retryable: false,
    when: 'An attachment is not valid base64, or its name, type or content id is malformed.',
    fix: 'Encode the bytes as standard base64 and correct the field named by path.',
  },
  INVALID_TIME: {
    where: 'payload',
    retryable: false,
    when: 'sendAt or expiresAt lies in the past, too far ahead, or in the wrong order.',
    fix: 'Choose a time within the limits told in the message.',
  },
  TOO_LONG: {
    where: 'payload',
    retryable: false,
    when: 'A text is longer than its limit.',
    fix: 'Shorten it, or raise the limit in the configuration of the service.',
  },
  TOO_MANY: {
    where: 'payload',
    retryable: false,
    when: 'A list has more entries than its limit.',
    fix: 'Split the request, or raise the limit in the configuration of the service.',
  },
  TOO_LARGE: {
    where: 'payload',
    retryable: false,
    when: 'A body, an attachment or the whole message is larger than its limit.',
    fix: 'Send a link instead of the data, or raise the limit in the configuration of the service.',
  },
  IDEMPOTENCY_CONFLICT: {
    where: 'payload',
    retryable: false,
    when: 'The idempotency key was used before with another message.',
    fix: 'Use a new key for a new message; repeat the same input to replay the first.',
  },
  BATCH_ABORTED: {
    where: 'payload',
    retryable: false,
    when: 'Another message of an atomic batch was refused, so none was accepted.',
    fix: 'Correct the messages that carry their own errors and send the batch again.',
  },
  PROVIDER_NOT_CONFIGURED: {
    where: 'payload',
    retryable: false,
    when: 'A live key was used, but no route leads to a provider for the recipient named by path.',
    fix: 'Set POSTERN_SMTP_URL, or make a provider and a route to it; or use a test key.',
  },
  PROVIDER_READ_ONLY: {
    where: 'payload',
    retryable: false,
    when: 'The provider comes from the configuration of the service and is changed only there.',
    fix: 'Change it in POSTERN_PROVIDERS, or in POSTERN_SMTP_URL, and restart.',
  },
  PROVIDER_IN_USE: {
    where: 'payload',
    retryable: false,
    when: 'The provider cannot be deleted, because a route leads to it.',
    fix: 'Take it out of the routes with setRoutes; drainProvider keeps new mail from it meanwhile.',
  },
  ROUTES_CHANGED: {
    where: 'payload',
    retryable: false,
    when: 'The routes are no longer those of the given version, so nothing was replaced.',
    fix: 'Read the routes again, apply your change to them, and give their version.',
  },
  NAME_TAKEN: {
    where: 'payload',
    retryable: false,
    when: 'There is one of that name already.',
    fix: 'Choose another name, or change the one there is.',
  },
  ENCRYPTION_KEY_MISSING: {
    where: 'payload',
    retryable: false,
    when: 'A secret was to be stored, but the service has no key to encrypt it with.',
    fix: 'Set POSTERN_ENCRYPTION_KEY (openssl rand -base64 32) on every process, and restart.',
  },
  SENDER_NOT_VERIFIED: {
    where: 'payload',
    retryable: false,
    when: 'Live mail has a From address at a domain that your tenant has not verified.',
    fix: 'Register the domain by createDomain, publish its records and call verifyDomain; or send from a verified one.',
  },
  DOMAIN_TAKEN: {
    where: 'payload',
    retryable: false,
    when: 'The domain, or one above or below it, belongs to another tenant, or you have registered it before.',
    fix: 'Use the domain you have; one that another tenant has verified is free when that tenant deletes it.',
  },
  NOT_FOUND: {
    where: 'payload',
    retryable: false,
    when: 'There is no such object in your tenant.',
    fix: 'Check the id; objects of other tenants and dropped ones cannot be found.',
  },
  NOT_CANCELLABLE: {
    where: 'payload',
    retryable: false,
    when: 'No recipient of the message can be cancelled any more.',
    fix: 'Only what is scheduled, queued, deferred or held can be cancelled.',
  },
  NOT_RESCHEDULABLE: {
    where: 'payload',
    retryable: false,
    when: 'No recipient of the message waits for its time any more.',
    fix: 'Only what is scheduled, queued or deferred can be rescheduled.',
  },
  NOT_HELD: {
    where: 'payload',
    retryable: false,
    when: 'No recipient of the message is held.',
    fix: 'Nothing needs to be released.',
  },
  NOT_IN_DOUBT: {
    where: 'payload',
    retryable: false,
    when: 'The recipient is not in doubt.',
    fix: 'Nothing needs to be resolved.',
  },
  UNAUTHENTICATED: {
    where: 'top',
    retryable: false,
    when: 'The request carries no valid API key.',
    fix: 'Send authorization: Bearer pst_… with a key that is neither revoked nor expired.',
  },
  FORBIDDEN: {
    where: 'top',
    retryable: false,
    when: 'The API key lacks the scope this operation needs.',
    fix: 'Use a key with the scope named in the message.',
  },
  BAD_REQUEST: {
    where: 'top',
    retryable: false,
    when: 'The document or its variables are malformed.',
    fix: 'Correct the document; the message names the place.',
  },
  QUERY_TOO_COMPLEX: {
    where: 'top',
    retryable: false,
    when: 'The document is deeper, longer or asks for more than the limits allow.',
    fix: 'Ask for less at a time; pass values as variables.',
  },
  SUBSCRIPTIONS_ONLY: {
    where: 'top',
    retryable: false,
    when: 'A query or mutation was sent over the WebSocket or the event stream.',
    fix: 'Send queries and mutations as POST /graphql.',
  },
  PAYLOAD_TOO_LARGE: {
    where: 'top',
    retryable: false,
    when: 'The HTTP request body is larger than the limit.',
    fix: 'Send fewer or smaller messages per request.',
  },
  RATE_LIMITED: {
    where: 'top',
    retryable: true,
    when: 'Too many requests or subscriptions.',
    fix: 'Wait for retryAfter seconds, then try again.',
  },
  SLOW_CONSUMER: {
    where: 'top',
    retryable: true,
    when: 'The subscriber read more slowly than events arrived.',
    fix: 'Subscribe again with after set to the cursor in the error.',
  },
  SHUTTING_DOWN: {
    where: 'top',
    retryable: true,
    when: 'This replica is being stopped.',
    fix: 'Try again; another replica answers. Subscriptions resume from their last cursor.',
  },
  UNAVAILABLE: {
    where: 'top',
    retryable: true,
    when: 'The database cannot be reached or has no room. Whether a message was accepted may be unknown.',
    fix: 'Try again with the same idempotency key: the outcome is then certain.',
  },
  INTERNAL: {
    where: 'top',
    retryable: true,
    when: 'A fault of the service.',
    fix: 'Try again with the same idempotency key; if it stays, give the requestId to the operators.',
  },
});

export type ErrorCode = keyof typeof ERRORS;

/** A refusal the caller can expect and mend. */
export interface UserError {
  readonly code: ErrorCode;
  readonly message: string;
  /** Path of the value inside the mutation's input, e.g. ["to", "0", "address"]. */
  readonly path: readonly string[];
  readonly retryable: boolean;
  /** Seconds to wait before trying again, where that helps. */
  readonly retryAfter?: number;
}

/** A refusal with the defaults of its code; the message says what is wrong with this value. */
export function userError(code: ErrorCode, path: readonly string[], message: string = ERRORS[code].when): UserError {
  return { code, message, path, retryable: ERRORS[code].retryable };
}

/** The page that explains a code, relative to the service. */
export function docsUrl(code: ErrorCode): string {
  return `/docs/errors#${code}`;
}
