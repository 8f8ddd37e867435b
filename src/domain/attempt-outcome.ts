/**
 * How one conversation about a recipient ended, with what that means: the names that are stored, and
 * the descriptions of the enum that callers read them by.
 */
export const ATTEMPT_OUTCOMES = {
  ACCEPTED: 'The provider took the message.',
  DEFERRED: 'Not sent; it may be tried again.',
  REFUSED: 'Not sent, and refused for good.',
  IN_DOUBT: 'Perhaps sent: the connection died after the last byte.',
  LOST: 'Perhaps sent: the worker vanished before it could tell how it ended.',
} as const;

export type AttemptOutcome = keyof typeof ATTEMPT_OUTCOMES;
