import { isDomainLabel, parseDomainName } from '../../domain/sender-domain.js';
import { type UserError, userError } from '../../domain/user-error.js';

/** What an administrator asks for. */
export interface DomainRequest {
  readonly name: string;
  readonly returnPathSubdomain: string | undefined;
}

const DEFAULT_RETURN_PATH = 'bounce';

/** The names of the domain in their wire form, or everything that is wrong with the request. */
export function checkNewDomain(
  request: DomainRequest,
): { readonly name: string; readonly returnPath: string } | { readonly errors: readonly UserError[] } {
  const errors: UserError[] = [];
  const name = parseDomainName(request.name.trim());
  const label = (request.returnPathSubdomain ?? DEFAULT_RETURN_PATH).trim().toLowerCase();
  if (name === undefined) {
    errors.push(userError('INVALID_VALUE', ['name'], 'Give a domain such as example.com or news.example.com.'));
  }
  if (!isDomainLabel(label)) {
    const text = 'Give one label of letters, digits and hyphens, such as bounce.';
    errors.push(userError('INVALID_VALUE', ['returnPathSubdomain'], text));
  }
  return name === undefined || errors.length > 0 ? { errors } : { name, returnPath: `${label}.${name}` };
}
