/**
 * What a key may do. ADMIN is about everything of its tenant and includes SEND and READ; OPERATE is
 * about the installation that all tenants share: providers, routes, lanes.
 */
export const SCOPES = ['SEND', 'READ', 'ADMIN', 'OPERATE'] as const;

export type Scope = (typeof SCOPES)[number];

/** TEST keys always use the sandbox, whatever the configuration says. */
export type KeyMode = 'LIVE' | 'TEST';

/** Who is calling, as established from a credential at the edge. */
export interface Principal {
  readonly tenantId: string;
  readonly keyId: string;
  readonly mode: KeyMode;
  readonly scopes: readonly Scope[];
}

/** True when the principal holds the scope, directly or, within its tenant, through ADMIN. */
export function holdsScope(principal: Pick<Principal, 'scopes'>, scope: Scope): boolean {
  return principal.scopes.includes(scope) || (scope !== 'OPERATE' && principal.scopes.includes('ADMIN'));
}
