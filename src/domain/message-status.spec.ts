import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MESSAGE_STATUSES, messageStatus } from './message-status.js';
import { RECIPIENT_STATUSES, isSettled } from './recipient-status.js';
import type { RecipientStatus } from './recipient-status.js';

const statuses = fc.array(fc.constantFrom(...RECIPIENT_STATUSES), { minLength: 1, maxLength: 8 });

describe('the status of a message', () => {
  it.each(RECIPIENT_STATUSES)('is %s when that is so for every recipient', (status) => {
    expect(messageStatus([status, status])).toBe(status);
  });

  it.each<[string, RecipientStatus[], string]>([
    ['what moves soonest while anything moves', ['DEFERRED', 'QUEUED', 'DELIVERED'], 'QUEUED'],
    ['movement before what waits for a decision', ['HELD', 'IN_DOUBT', 'SCHEDULED'], 'SCHEDULED'],
    ['the open question when the others are through', ['DELIVERED', 'IN_DOUBT', 'BOUNCED'], 'IN_DOUBT'],
    ['the weaker of two promises', ['DELIVERED', 'HANDED_OFF'], 'HANDED_OFF'],
    ['partial when some have it', ['DELIVERED', 'BOUNCED'], 'PARTIAL'],
    ['partial when some may have it', ['HANDED_OFF', 'DELIVERED', 'CANCELLED'], 'PARTIAL'],
    ['failed when nobody has it for different reasons', ['BOUNCED', 'EXPIRED'], 'FAILED'],
  ])('is %s', (_, given, expected) => {
    expect(messageStatus(given)).toBe(expected);
  });

  it('does not depend on the order or number of recipients of one status', () => {
    fc.assert(
      fc.property(statuses, (given) => {
        expect(messageStatus([...given, ...given].toReversed())).toBe(messageStatus(given));
      }),
    );
  });

  it('is settled exactly when every recipient is', () => {
    fc.assert(
      fc.property(statuses, (given) => {
        const status = messageStatus(given);
        expect(MESSAGE_STATUSES).toContain(status);
        expect(status === 'PARTIAL' || isSettled(status)).toBe(given.every(isSettled));
      }),
    );
  });

  it('cannot be told without a recipient', () => {
    expect(() => messageStatus([])).toThrow(RangeError);
  });
});
