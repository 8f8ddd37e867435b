import { describe, expect, it } from '@jest/globals';
import { RECIPIENT_STATUSES } from './recipient-status.js';
import { type QueuedJob, waitingCode, waitingFor } from './waiting-for.js';

const LATER = new Date('2026-01-01T12:05:00Z');
const job = (over: Partial<QueuedJob> = {}): QueuedJob => ({
  dueAt: LATER,
  isDue: false,
  waitingFor: null,
  waitingOn: null,
  lanePaused: false,
  ...over,
});

describe('what a recipient waits for', () => {
  it('is what a worker noted, until then', () => {
    const parked = job({ waitingFor: waitingCode('BREAKER'), waitingOn: 'relay' });
    expect(waitingFor('QUEUED', parked)).toEqual({ kind: 'BREAKER', on: 'relay', until: LATER });
    const retry = job({ waitingFor: waitingCode('RETRY'), waitingOn: '' });
    expect(waitingFor('DEFERRED', retry)).toEqual({ kind: 'RETRY', on: undefined, until: LATER });
  });

  it('is its time when nobody noted anything else', () => {
    expect(waitingFor('SCHEDULED', job())).toEqual({ kind: 'SCHEDULE', on: undefined, until: LATER });
    expect(waitingFor('QUEUED', job({ waitingFor: 99 }))?.kind).toBe('SCHEDULE');
  });

  it('is a free worker once it is due, or the lane when that is paused', () => {
    expect(waitingFor('QUEUED', job({ isDue: true }))?.kind).toBe('WORKER');
    expect(waitingFor('DEFERRED', job({ isDue: true, lanePaused: true }))?.kind).toBe('LANE_PAUSED');
  });

  it('is somebody’s decision for what is held or in doubt without a plan', () => {
    expect(waitingFor('HELD', undefined)?.kind).toBe('HOLD');
    expect(waitingFor('IN_DOUBT', undefined)?.kind).toBe('DOUBT');
  });

  it('is nothing for what is under way or settled', () => {
    const idle = RECIPIENT_STATUSES.filter((status) => waitingFor(status, job()) === undefined);
    expect(idle).toEqual(RECIPIENT_STATUSES.filter((status) => !WAITING.includes(status)));
    expect(waitingFor('QUEUED', undefined)).toBeUndefined();
  });
});

const WAITING = ['SCHEDULED', 'QUEUED', 'DEFERRED', 'IN_DOUBT', 'HELD'];
