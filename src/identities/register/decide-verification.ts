import type { DomainStatus } from '../../domain/sender-domain.js';
import type { RecordCheck, RecordStatus } from './record-check.js';
import type { DkimKeyRow, SenderDomain } from './sender-domain.entity.js';

/** A DKIM record can vanish while somebody moves a zone; after this it is taken for gone. */
const GRACE_MS = 3 * 86_400_000;

/** What a check of the records changes. */
export interface Verification {
  readonly status: DomainStatus;
  readonly atRiskSince: Date | null;
  readonly returnPathVerified: boolean;
  /** Keys that sign from now on, and those they replace. */
  readonly activate: readonly DkimKeyRow[];
  readonly retire: readonly DkimKeyRow[];
}

/**
 * What DNS did not answer changes nothing. `taken` says that the domain is another tenant's, and `now`
 * is of the clock that `atRiskSince` is of.
 */
export function decideVerification(
  { row, keys }: SenderDomain,
  checks: Readonly<Record<string, RecordCheck>>,
  taken: boolean,
  now: Date,
): Verification {
  const of = (key: string): RecordStatus | undefined => checks[key]?.status;
  const seen = (key: DkimKeyRow): RecordStatus | undefined => of(`dkim:${key.selector}`);
  const status = nextStatus({ row, keys }, seen, of('ownership'), taken, now);
  const counts = status === 'VERIFIED' || status === 'AT_RISK';
  const activate = counts ? keys.filter((key) => key.state === 'NEXT' && seen(key) === 'FOUND') : [];
  const replaced = new Set(activate.map(({ algorithm }) => algorithm));
  return {
    status,
    atRiskSince: status === 'AT_RISK' || status === 'LOST' ? (row.atRiskSince ?? now) : null,
    returnPathVerified: returnPath(row.returnPathVerified, of('return_path'), of('spf')),
    activate,
    retire: keys.filter((key) => key.state === 'ACTIVE' && replaced.has(key.algorithm)),
  };
}

function nextStatus(
  { row, keys }: SenderDomain,
  seen: (key: DkimKeyRow) => RecordStatus | undefined,
  ownership: RecordStatus | undefined,
  taken: boolean,
  now: Date,
): DomainStatus {
  const rsa = keys.filter(({ algorithm, state }) => algorithm === 'RSA' && state !== 'RETIRED');
  if (rsa.some((key) => seen(key) === 'FOUND')) {
    const proven = row.status === 'VERIFIED' || row.status === 'AT_RISK' || (ownership === 'FOUND' && !taken);
    return proven ? 'VERIFIED' : row.status;
  }
  const gone = rsa.every((key) => seen(key) === 'MISSING' || seen(key) === 'WRONG');
  if (!gone) return row.status;
  if (row.status === 'VERIFIED') return 'AT_RISK';
  const over = row.atRiskSince !== null && now.getTime() - row.atRiskSince.getTime() >= GRACE_MS;
  return row.status === 'AT_RISK' && over ? 'LOST' : row.status;
}

/** Bounces have to come back, and SPF to let pass what is sent; where the latter is not asked for the former will do. */
function returnPath(before: boolean, path: RecordStatus | undefined, spf: RecordStatus = 'FOUND'): boolean {
  if (path === undefined) return false;
  if (path === 'FOUND' && spf === 'FOUND') return true;
  const unanswered = [path, spf].every((status) => status === 'FOUND' || status === 'UNKNOWN');
  return unanswered && before;
}
