import { isHost } from '../domain/host-name.js';
import { lineProblem } from '../domain/text-problem.js';

const FORM = 'must be a URL of the form smtp://user:password@host:587.';

/** Why the URL of a relay cannot be used; undefined: it can. Nothing of it is quoted, it may hold a password. */
export function smtpUrlProblem(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'smtp:' && url.protocol !== 'smtps:') || url.hostname === '') return FORM;
  if (!isHost(hostOf(url))) return 'must name a host by its ASCII name (xn--… for other letters) or its address.';
  if (url.port === '0') return 'must have a port from 1 to 65535.';
  if (!['', '/'].includes(url.pathname) || url.search !== '' || url.hash !== '') {
    return 'must end with the host and the port: a path, a query or a fragment says nothing to a relay.';
  }
  return credentialsProblem(url);
}

/** The host of a URL without the brackets of an IPv6 address. */
export function hostOf(url: URL): string {
  return url.hostname.replaceAll(/^\[|\]$/g, '');
}

function credentialsProblem({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  if (username === '' || password === '') return 'must have both a user and a password, or neither.';
  try {
    const given = [username, password].map(decodeURIComponent);
    return given.some((one) => lineProblem(one) !== undefined)
      ? 'must not have control characters in user or password.'
      : undefined;
  } catch {
    return 'a percent sign in user or password must be written as %25.';
  }
}
