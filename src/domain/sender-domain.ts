import { parseEmailAddress } from './email-address.js';

/** Where a domain stands. Mail is signed, and From accepted, in VERIFIED and AT_RISK. */
export type DomainStatus = 'PENDING' | 'VERIFIED' | 'AT_RISK' | 'LOST';

/** NEXT waits for its DNS record, ACTIVE signs, RETIRED has signed mail that may still be verified. */
export type DkimKeyState = 'NEXT' | 'ACTIVE' | 'RETIRED';

/** Leaves room for a selector in front: a name has at most 253 octets (RFC 1035). */
const MAX_NAME = 200;
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

/** The name in its wire form, or undefined. The rules are those of addresses: it is compared with From. */
export function parseDomainName(text: string): string | undefined {
  const domain = parseEmailAddress(`postmaster@${text}`)?.domain;
  return domain !== undefined && domain.length <= MAX_NAME ? domain : undefined;
}

export function isDomainLabel(text: string): boolean {
  return LABEL.test(text);
}

/** The domain and those above it, nearest first; a top-level domain is never among them. */
export function withParents(domain: string): string[] {
  const labels = domain.split('.');
  return labels.slice(0, -1).map((_, i) => labels.slice(i).join('.'));
}

/** A selector that the domain has not had: `pst202611a`, then b, …, z, aa. */
export function nextSelector(used: ReadonlySet<string>, now: Date): string {
  const month = `pst${now.toISOString().slice(0, 7).replace('-', '')}`;
  for (let n = 0; ; n += 1) {
    const selector = `${month}${letters(n)}`;
    if (!used.has(selector)) return selector;
  }
}

function letters(n: number): string {
  const last = LETTERS.charAt(n % LETTERS.length);
  return n < LETTERS.length ? last : `${letters(Math.floor(n / LETTERS.length) - 1)}${last}`;
}
