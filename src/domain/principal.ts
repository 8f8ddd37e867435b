/** What a key may do. ADMIN includes SEND and READ. */
export const SCOPES = ['SEND', 'READ', 'ADMIN'] as const;

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

/** True when the principal holds the scope, directly or through ADMIN. */
export function holdsScope(principal: Principal, scope: Scope): boolean {
  return principal.scopes.includes('ADMIN') || principal.scopes.includes(scope);
}
