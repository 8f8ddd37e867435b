import type { DkimAlgorithm } from '../../domain/dkim/dkim-signature.js';
import type { DkimKeyState, DomainStatus } from '../../domain/sender-domain.js';
import type { RecordCheck } from './record-check.js';

/** A row of the table sender_domain. */
export interface SenderDomainRow {
  readonly tenantId: string;
  readonly id: string;
  readonly name: string;
  readonly status: DomainStatus;
  readonly ownershipToken: string;
  /** The whole name, such as bounce.example.com. */
  readonly returnPath: string;
  readonly returnPathVerified: boolean;
  /** By key of the record. */
  readonly checks: Readonly<Record<string, RecordCheck>>;
  readonly checkedAt: Date | null;
  readonly verifiedAt: Date | null;
  readonly atRiskSince: Date | null;
  readonly createdAt: Date;
}

export const SENDER_DOMAIN_COLUMNS = `d.tenant_id as "tenantId", d.id, d.name, d.status,
  d.ownership_token as "ownershipToken", d.return_path as "returnPath",
  d.return_path_verified as "returnPathVerified", d.checks, d.checked_at as "checkedAt",
  d.verified_at as "verifiedAt", d.at_risk_since as "atRiskSince", d.created_at as "createdAt"`;

/** A row of the table dkim_key without its private half. */
export interface DkimKeyRow {
  readonly id: string;
  readonly domainId: string;
  readonly selector: string;
  readonly algorithm: DkimAlgorithm;
  readonly state: DkimKeyState;
  /** As in p= of its record. */
  readonly publicKey: string;
  readonly createdAt: Date;
  readonly activatedAt: Date | null;
  readonly retiredAt: Date | null;
}

export const DKIM_KEY_COLUMNS = `k.id, k.domain_id as "domainId", k.selector, k.algorithm, k.state,
  k.public_key as "publicKey", k.created_at as "createdAt", k.activated_at as "activatedAt", k.retired_at as "retiredAt"`;

/** A domain with all its keys, oldest first. */
export interface SenderDomain {
  readonly row: SenderDomainRow;
  readonly keys: readonly DkimKeyRow[];
}
