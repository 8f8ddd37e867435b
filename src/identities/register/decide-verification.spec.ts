import { describe, expect, it } from '@jest/globals';
import type { DkimAlgorithm } from '../../domain/dkim/dkim-signature.js';
import type { DkimKeyState, DomainStatus } from '../../domain/sender-domain.js';
import { decideVerification } from './decide-verification.js';
import type { RecordStatus } from './record-check.js';
import type { DkimKeyRow, SenderDomain } from './sender-domain.entity.js';

const NOW = new Date('2026-11-27T12:00:00Z');
const daysAgo = (days: number): Date => new Date(NOW.getTime() - days * 86_400_000);

function key(selector: string, state: DkimKeyState, algorithm: DkimAlgorithm = 'RSA'): DkimKeyRow {
  const times = { createdAt: NOW, activatedAt: null, retiredAt: null };
  return { id: selector, domainId: 'd', selector, algorithm, state, publicKey: 'p', ...times };
}

function domain(status: DomainStatus, keys: readonly DkimKeyRow[], atRiskSince: Date | null = null): SenderDomain {
  const row = {
    tenantId: 't',
    id: 'd',
    name: 'example.com',
    status,
    ownershipToken: 'token',
    returnPath: 'bounce.example.com',
    returnPathVerified: true,
    checks: {},
    checkedAt: null,
    verifiedAt: null,
    atRiskSince,
    createdAt: NOW,
  };
  return { row, keys };
}

const decide = (of: SenderDomain, statuses: Readonly<Record<string, RecordStatus>>, taken = false) =>
  decideVerification(
    of,
    Object.fromEntries(Object.entries(statuses).map(([k, status]) => [k, { status }])),
    taken,
    NOW,
  );

describe('the status of a domain', () => {
  const NEXT = [key('a', 'NEXT')];
  const ACTIVE = [key('a', 'ACTIVE')];

  it.each<[DomainStatus, Readonly<Record<string, RecordStatus>>, DomainStatus]>([
    ['PENDING', { ownership: 'FOUND', 'dkim:a': 'FOUND' }, 'VERIFIED'],
    ['PENDING', { ownership: 'MISSING', 'dkim:a': 'FOUND' }, 'PENDING'],
    ['PENDING', { ownership: 'UNKNOWN', 'dkim:a': 'FOUND' }, 'PENDING'],
    ['PENDING', { ownership: 'FOUND', 'dkim:a': 'WRONG' }, 'PENDING'],
    ['LOST', { ownership: 'FOUND', 'dkim:a': 'FOUND' }, 'VERIFIED'],
    ['LOST', { ownership: 'MISSING', 'dkim:a': 'FOUND' }, 'LOST'],
    ['VERIFIED', { ownership: 'MISSING', 'dkim:a': 'FOUND' }, 'VERIFIED'],
    ['VERIFIED', { 'dkim:a': 'MISSING' }, 'AT_RISK'],
    ['VERIFIED', { 'dkim:a': 'WRONG' }, 'AT_RISK'],
    ['VERIFIED', { 'dkim:a': 'UNKNOWN' }, 'VERIFIED'],
    ['VERIFIED', {}, 'VERIFIED'],
    ['AT_RISK', { 'dkim:a': 'FOUND' }, 'VERIFIED'],
    ['AT_RISK', { 'dkim:a': 'UNKNOWN' }, 'AT_RISK'],
  ])('%s with %j becomes %s', (before, found, after) => {
    expect(decide(domain(before, before === 'PENDING' ? NEXT : ACTIVE), found).status).toBe(after);
  });

  it('is never VERIFIED while another tenant has the name, unless it was', () => {
    const found = { ownership: 'FOUND', 'dkim:a': 'FOUND' } as const;
    expect(decide(domain('PENDING', NEXT), found, true)).toMatchObject({ status: 'PENDING', activate: [] });
    expect(decide(domain('AT_RISK', ACTIVE), found, true).status).toBe('VERIFIED');
  });

  it.each([
    [2.9, 'AT_RISK'],
    [3, 'LOST'],
  ])('is after %d days at risk %s', (days, status) => {
    expect(decide(domain('AT_RISK', ACTIVE, daysAgo(days)), { 'dkim:a': 'MISSING' }).status).toBe(status);
  });
});

describe('keys', () => {
  const keys = [key('a', 'ACTIVE'), key('b', 'ACTIVE', 'ED25519'), key('c', 'NEXT'), key('d', 'NEXT', 'ED25519')];

  it('change one by one, each with the one of its kind, when their records are seen', () => {
    const { activate, retire } = decide(domain('VERIFIED', keys), {
      'dkim:a': 'FOUND',
      'dkim:c': 'FOUND',
      'dkim:d': 'UNKNOWN',
    });
    expect(activate.map(({ id }) => id)).toEqual(['c']);
    expect(retire.map(({ id }) => id)).toEqual(['a']);
  });

  it('save a domain whose old record was taken away too early', () => {
    const found = decide(domain('AT_RISK', keys, daysAgo(4)), { 'dkim:a': 'MISSING', 'dkim:c': 'FOUND' });
    expect(found).toMatchObject({ status: 'VERIFIED', atRiskSince: null });
  });
});

describe('the return path', () => {
  it.each<[Readonly<Record<string, RecordStatus>>, boolean]>([
    [{ return_path: 'FOUND', spf: 'FOUND' }, true],
    [{ return_path: 'FOUND' }, true],
    [{ return_path: 'FOUND', spf: 'WRONG' }, false],
    [{ return_path: 'MISSING', spf: 'FOUND' }, false],
    [{ return_path: 'UNKNOWN', spf: 'FOUND' }, true],
    [{ return_path: 'UNKNOWN', spf: 'MISSING' }, false],
    [{ spf: 'FOUND' }, false],
  ])('with %j is used: %s', (found, used) => {
    expect(decide(domain('VERIFIED', [key('a', 'ACTIVE')]), found).returnPathVerified).toBe(used);
  });
});
