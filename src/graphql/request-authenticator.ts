import type { Principal } from '../domain/principal.js';

/** Turns a credential into a principal. The doors need it before any resolver runs. */
export abstract class RequestAuthenticator {
  /** The principal behind an Authorization header, or undefined when it names nobody. */
  abstract authenticate(authorization: string | undefined): Promise<Principal | undefined>;
  /** False once the credential was revoked or has expired; asked for every open socket each second. */
  abstract isStillValid(principal: Principal): Promise<boolean>;
}
