import { describe, expect, it } from '@jest/globals';
import { ATTEMPT_OUTCOMES } from './attempt-outcome.js';
import { EVENT_TYPES, EVENT_TYPE_CODES, eventTypeCode, eventTypeOf } from './delivery-event.js';
import { IN_DOUBT_POLICIES } from './in-doubt-policy.js';
import { LANES, laneCode, laneOf } from './lane.js';
import { LATENCY_BOUNDS_MS } from './latency-histogram.js';
import { RECIPIENT_STATUSES, RECIPIENT_STATUS_CODES, isSettled, statusCode, statusOf } from './recipient-status.js';

// The numbers are in databases: a change here is a change of what stored rows mean.
describe('stored numbers', () => {
  it('are those of every release so far', () => {
    expect({ LANES, IN_DOUBT_POLICIES }).toEqual({
      LANES: ['OTP', 'TRANSACTIONAL', 'NOTIFICATION', 'BULK'],
      IN_DOUBT_POLICIES: ['RESEND', 'HOLD'],
    });
    expect(Object.values(RECIPIENT_STATUS_CODES)).toEqual([0, 1, 2, 3, 4, 5, 10, 11, 20, 21, 30, 31, 32, 33]);
    expect(Object.values(EVENT_TYPE_CODES)).toEqual([
      0, 1, 2, 3, 10, 11, 12, 13, 14, 15, 20, 21, 30, 31, 32, 33, 34, 35, 40,
    ]);
    expect(LATENCY_BOUNDS_MS).toEqual([
      1, 2, 3, 5, 8, 12, 20, 30, 50, 80, 120, 200, 300, 500, 800, 1200, 2000, 3000, 5000, 8000, 15_000, 30_000, 60_000,
      120_000, 300_000, 600_000,
    ]);
  });

  it('stand beside names, which are stored as they are', () => {
    expect(Object.keys(ATTEMPT_OUTCOMES)).toEqual(['ACCEPTED', 'DEFERRED', 'REFUSED', 'IN_DOUBT', 'LOST']);
  });

  it('come back as the names they stand for', () => {
    expect(LANES.map((lane) => laneOf(laneCode(lane)))).toEqual(LANES);
    expect(RECIPIENT_STATUSES.map((status) => statusOf(statusCode(status)))).toEqual(RECIPIENT_STATUSES);
    expect(EVENT_TYPES.map((type) => eventTypeOf(eventTypeCode(type)))).toEqual(EVENT_TYPES);
  });

  it.each([-1, 6, 99, 1.5])('that were never written are a fault (%d)', (code) => {
    expect(() => laneOf(code)).toThrow(RangeError);
    expect(() => statusOf(code)).toThrow(RangeError);
    expect(() => eventTypeOf(code)).toThrow(RangeError);
  });

  it('tell open recipients from settled ones', () => {
    expect(RECIPIENT_STATUSES.filter((status) => !isSettled(status))).toEqual([
      'SCHEDULED',
      'QUEUED',
      'SENDING',
      'DEFERRED',
      'HELD',
      'IN_DOUBT',
    ]);
  });
});
