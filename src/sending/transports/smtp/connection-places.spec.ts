import { describe, expect, it } from '@jest/globals';
import { ConnectionPlaces, reserveAbove } from './connection-places.js';
import { type Lane, LANES } from '../../../domain/lane.js';

describe('reserveAbove', () => {
  it.each([
    [1, [0, 0, 0, 0]],
    [3, [0, 0, 0, 1]],
    [4, [0, 1, 1, 1]],
    [5, [0, 1, 1, 2]],
    [10, [0, 1, 2, 4]],
    [20, [0, 2, 4, 8]],
  ])('of %d connections', (connections, reserves) => {
    expect(LANES.map((lane) => reserveAbove(lane, connections))).toEqual(reserves);
  });

  it('leaves every lane something', () => {
    for (let connections = 1; connections <= 200; connections += 1) {
      for (const lane of LANES) expect(reserveAbove(lane, connections)).toBeLessThan(connections);
    }
  });
});

describe('ConnectionPlaces', () => {
  /** Takes a place, or waits for it, and notes when it is there. */
  async function take(places: ConnectionPlaces, lane: Lane, name: string, served: string[]): Promise<void> {
    await places.take(lane);
    served.push(name);
  }

  /** Lets everybody who has been served note it. */
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  it('keeps the reserve of each lane for those above it, and the last place for OTP', () => {
    const places = new ConnectionPlaces(10);
    const taken = (lane: Lane): number => {
      let count = 0;
      while (places.tryTake(lane)) count += 1;
      return count;
    };
    expect([...LANES].toReversed().map(taken)).toEqual([6, 2, 1, 1]);
  });

  it('serves who waits by lane, then in order of arrival', async () => {
    const places = new ConnectionPlaces(1);
    const served: string[] = [];
    expect(places.tryTake('BULK')).toBe(true);
    const waiting = (['BULK', 'NOTIFICATION', 'BULK', 'OTP', 'TRANSACTIONAL', 'OTP'] as const).map((lane, n) =>
      take(places, lane, `${lane} ${n}`, served),
    );
    for (let n = 0; n < waiting.length; n += 1) {
      places.give();
      await settled();
    }
    expect(served).toEqual(['OTP 3', 'OTP 5', 'TRANSACTIONAL 4', 'NOTIFICATION 1', 'BULK 0', 'BULK 2']);
    places.give();
    expect(places.allFree).toBe(true);
  });

  it('serves a lane from its own share although a lower one waits longer', async () => {
    const places = new ConnectionPlaces(4);
    const served: string[] = [];
    for (let n = 0; n < 3; n += 1) expect(places.tryTake('BULK')).toBe(true);
    void take(places, 'BULK', 'bulk', served);
    await take(places, 'OTP', 'otp', served);
    expect(served).toEqual(['otp']);
    // That was the last place: the one given back is the reserve again.
    places.give();
    await settled();
    expect(served).toEqual(['otp']);
    places.give();
    await settled();
    expect(served).toEqual(['otp', 'bulk']);
  });

  it('lets go whoever waits', async () => {
    const places = new ConnectionPlaces(1);
    const served: string[] = [];
    await places.take('OTP');
    const waiting = [take(places, 'BULK', 'a', served), take(places, 'OTP', 'b', served)];
    places.dismiss();
    await Promise.all(waiting);
    expect(served.toSorted()).toEqual(['a', 'b']);
    for (let n = 0; n < 3; n += 1) places.give();
    expect(places.allFree).toBe(true);
  });
});
