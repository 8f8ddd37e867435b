import { describe, expect, it } from '@jest/globals';
import { EventSubscription, LiveEvent } from './event-subscription.js';
import type { StoredEvent } from './stored-event.js';

const LIMIT = 16;

const live = (n: number): LiveEvent =>
  new LiveEvent({ id: String(n), tx: '1', at: new Date(0) } as StoredEvent, '1:1:', '2:2:');

function subscription(): EventSubscription {
  return new EventSubscription(
    { snapshot: '1:1:', atMs: 0 },
    () => true,
    LIMIT,
    () => undefined,
  );
}

/** Every event it still holds on to. */
const held = (of: EventSubscription): number =>
  Object.values(of).reduce<number>((sum, value) => sum + (Array.isArray(value) ? value.length : 0), 0);

describe('EventSubscription', () => {
  it('holds no more than twice its limit for a reader that always has one event waiting', async () => {
    const events = subscription();
    let most = 0;
    events.push(live(0));
    for (let n = 1; n <= 10_000; n += 1) {
      events.push(live(n));
      expect((await events.next())?.event.id).toBe(String(n - 1));
      most = Math.max(most, held(events));
    }
    expect(most).toBeLessThanOrEqual(2 * LIMIT);
    expect(events.end).toBeUndefined();
  });

  it('runs over when more wait than its limit, however many were taken before', async () => {
    const events = subscription();
    for (let n = 0; n < LIMIT; n += 1) events.push(live(n));
    for (let n = 0; n < LIMIT - 1; n += 1) await events.next();
    for (let n = 0; n < LIMIT - 1; n += 1) events.push(live(n));
    expect(events.end).toBeUndefined();
    events.push(live(0));
    expect(events.end).toBe('overflow');
    expect(await events.next()).toBeUndefined();
  });
});
