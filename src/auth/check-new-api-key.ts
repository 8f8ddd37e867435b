import { type KeyMode, type Principal, type Scope, holdsScope } from '../domain/principal.js';
import { lengthProblem, lineProblem } from '../domain/text-problem.js';
import { type UserError, userError } from '../domain/user-error.js';

/** What an administrator asks for. */
export interface ApiKeyRequest {
  readonly name: string;
  readonly mode: KeyMode;
  readonly scopes: readonly Scope[];
  readonly expiresAt: Date | undefined;
}

const MAX_NAME = 100;

/** Every reason not to make the key. Nobody gives away a scope over other tenants' mail that they do not hold. */
export function checkNewApiKey(by: Pick<Principal, 'scopes'>, request: ApiKeyRequest, now: Date): UserError[] {
  const errors: UserError[] = [];
  const tooShort = request.name.trim() === '';
  const line = lineProblem(request.name);
  const length = lengthProblem(request.name, MAX_NAME);
  if (tooShort) errors.push(userError('REQUIRED', ['name'], 'Give the key a name to know it by.'));
  else if (line !== undefined) errors.push(userError('INVALID_VALUE', ['name'], line));
  else if (length !== undefined) errors.push(userError('TOO_LONG', ['name'], length));
  if (request.scopes.length === 0) errors.push(userError('REQUIRED', ['scopes'], 'Give at least one scope.'));
  if (request.scopes.includes('OPERATE') && !holdsScope(by, 'OPERATE')) {
    errors.push(userError('INVALID_VALUE', ['scopes'], 'Only a key with scope OPERATE can make another one.'));
  }
  if (request.expiresAt !== undefined && request.expiresAt <= now) {
    errors.push(userError('INVALID_TIME', ['expiresAt'], 'Choose a time in the future.'));
  }
  return errors;
}
