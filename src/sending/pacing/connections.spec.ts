import { describe, expect, it } from '@jest/globals';
import type { Pools } from '../../database/pools.js';
import type { Signals } from '../../database/signals.js';
import { opened } from '../../domain/pace.js';
import { Connections } from './connections.js';
import { LiveWorkers } from './live-workers.js';
import { laneKey } from './pace-key.js';
import { PaceLearner } from './pace-learner.js';
import type { PaceRepository } from './pace.repository.js';
import { Paces } from './paces.js';
import type { Way } from './way.js';

class OnlyWorker extends LiveWorkers {
  override share(limit: number): number {
    return limit;
  }
}

const WAY: Way = {
  provider: 'relay',
  lane: 'BULK',
  limits: { maxConnections: 1 },
  site: 'example.net',
  domain: 'example.net',
  siteLimits: {},
  isDirect: false,
};

/** A relay with one connection, for which mail was put back and which nobody uses any more. */
function idleRelay(): { connections: Connections; paces: Paces } {
  // Only what this process knows is asked for here.
  const paces = new Paces({} as PaceRepository, {} as Signals);
  const workers = new OnlyWorker({} as Pools);
  const slots = { OTP: 2, TRANSACTIONAL: 2, NOTIFICATION: 2, BULK: 2 };
  const connections = new Connections(paces, workers, new PaceLearner(paces, workers), slots);
  const first = connections.enter(WAY);
  const second = connections.enter(WAY);
  for (let n = 0; n < 50; n += 1) expect(connections.enter(WAY)).toMatchObject({ waitingFor: 'RATE_LIMIT' });
  if ('beganMono' in first) connections.leave(first);
  void Promise.resolve(second).then((one) => 'beganMono' in one && connections.leave(one));
  return { connections, paces };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('connections that stand idle', () => {
  it('call back what was put back for them', async () => {
    const { connections } = idleRelay();
    await settled();
    expect(connections.idle()).toMatchObject([{ on: 'relay', lane: 'BULK' }]);
  });

  it('call nothing back while their way is shut', async () => {
    const { connections, paces } = idleRelay();
    await settled();
    paces.assume(laneKey(WAY), (state, now) => opened(state, now, 0.5));
    expect(connections.idle()).toEqual([]);
  });

  it('call nothing back while a rate or a quota takes no more', async () => {
    const { connections } = idleRelay();
    await settled();
    connections.slowed(WAY, 60_000);
    expect(connections.idle()).toEqual([]);
  });
});
