import { type UserError, userError } from '../../domain/user-error.js';
import { topError } from '../../graphql/postern-error.js';
import { codeOf, faultOf } from './acceptance-fault.js';
import { GroupCommitOverdue } from './group-commit.js';

/** A fault while storing a message, without what the database says about its values. */
class MessageNotStored extends Error {
  constructor(messageId: string, code: string | undefined) {
    super(`message ${messageId} could not be stored: ${code ?? 'unknown fault'}`);
    this.name = 'MessageNotStored';
  }
}

/**
 * What the caller is told about a message that was not stored. A value the database cannot hold
 * (class 22: NUL, a lone surrogate) is the caller's to mend; everything else is thrown.
 */
export function refusalOf(error: unknown, messageId: string): UserError {
  const code = codeOf(error);
  if (code?.startsWith('22') === true) {
    return userError('INVALID_VALUE', [], 'A text has characters that cannot be stored, such as NUL.');
  }
  const fault = faultOf(error);
  if (error instanceof GroupCommitOverdue || fault === 'lost' || fault === 'unavailable') {
    throw topError('UNAVAILABLE', undefined, { retryAfter: 1 });
  }
  // No code: our own fault, and nothing of the message in it.
  throw code === undefined ? error : new MessageNotStored(messageId, code);
}
