import { describe, expect, it } from '@jest/globals';
import type { RecipientStatus } from '../domain/recipient-status.js';
import { mergeChanges } from './merge-changes.js';
import type { RecipientChange } from './recipient-change.js';

const change = (n: number, status?: RecipientStatus, attempts?: number): RecipientChange => ({
  tenantId: 't',
  messageId: 'm',
  n,
  event: 'DEFERRED',
  status,
  attempts,
});

const merged = (...changes: RecipientChange[]): (string | undefined)[][] =>
  mergeChanges(changes).map((batch) => batch.map((row) => row.status));

describe('mergeChanges', () => {
  it('has nothing to do for nothing', () => {
    expect(mergeChanges([])).toEqual([]);
  });

  it('keeps every event in order and the last status of a recipient that is not settled', () => {
    expect(merged(change(0, 'DEFERRED'), change(1, 'QUEUED'), change(0), change(0, 'QUEUED'))).toEqual([
      [undefined, 'QUEUED', undefined, 'QUEUED'],
    ]);
  });

  it('keeps the highest of late news, whatever their order', () => {
    expect(merged(change(0, 'HANDED_OFF'), change(0, 'DELIVERED'))).toEqual([[undefined, 'DELIVERED']]);
    expect(merged(change(0, 'BOUNCED'), change(0, 'DELIVERED'))).toEqual([['BOUNCED', undefined]]);
  });

  it('does not let anything but late news overrule a settled status', () => {
    expect(merged(change(0, 'HANDED_OFF'), change(0, 'QUEUED'))).toEqual([['HANDED_OFF', undefined]]);
    expect(merged(change(0, 'DELIVERED'), change(0, 'FAILED'))).toEqual([['DELIVERED', undefined]]);
  });

  it('judges late news after a side door by themselves', () => {
    expect(merged(change(0, 'FAILED'), change(1, 'QUEUED'), change(0, 'DELIVERED'), change(0, 'BOUNCED'))).toEqual([
      ['FAILED', 'QUEUED'],
      [undefined, 'BOUNCED'],
    ]);
  });

  it('carries the attempts so far on one row of a recipient only', () => {
    const [batch] = mergeChanges([change(0, undefined, 2), change(0, 'FAILED', 1), change(1, undefined, 4)]);
    expect(batch?.map((row) => row.attempts)).toEqual([undefined, 2, 4]);
  });
});
