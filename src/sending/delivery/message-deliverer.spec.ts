import { describe, expect, it } from '@jest/globals';
import { configSchema } from '../../config/config.js';
import type { Pacer } from '../pacing/pacer.js';
import type { ClaimedJob } from './claimed-job.js';
import type { DeliveryMetrics } from './delivery-metrics.js';
import type { JobLoader, ReadyJob } from './job-loader.js';
import { LeaseKeeper } from './lease-keeper.js';
import { MessageDeliverer } from './message-deliverer.js';
import type { OutcomeWriter } from './outcome-writer.js';
import type { SendJobRepository } from './send-job.repository.js';
import type { WayTaker } from './way-taker.js';

function suspect(messageId: string): ClaimedJob {
  const mono = performance.now();
  const claim = { claimedAt: new Date(), claimedMono: mono, leaseConfirmedMono: mono };
  const none = { provider: undefined, parkedSince: undefined, expired: false, expiresAt: undefined };
  return {
    tenantId: 't',
    messageId,
    n: 0,
    lane: 'BULK',
    lease: 'l',
    attempt: 3,
    lost: 2,
    deferrals: 0,
    ...none,
    ...claim,
  };
}

describe('a job that was put back because another one goes alone', () => {
  it('is not sent under the lease it was claimed with, when its claim is prepared once more', async () => {
    let isAway = false;
    const message = { composition: {}, inDoubt: 'RESEND' };
    const loader = {
      release: () => Promise.resolve(),
      standing: () => Promise.resolve('QUEUED'),
      load: (jobs: readonly ClaimedJob[]) =>
        isAway
          ? Promise.reject(new Error('the database is away'))
          : Promise.resolve(jobs.map((job) => ({ job, message, address: 'a@example.net', status: 'QUEUED' }))),
    };
    let taken = 0;
    const taker = {
      makeReady: () => Promise.resolve(),
      take: () => Promise.reject(new Error(`taken ${(taken += 1)}`)),
    };
    // Another worker has the job by now: none of the leases asked for is ours.
    const leases = new LeaseKeeper(
      { extend: () => Promise.resolve(new Set<string>()) } as unknown as SendJobRepository,
      configSchema.parse({}),
    );
    const deliverer = new MessageDeliverer(
      loader as unknown as JobLoader,
      taker as unknown as WayTaker,
      leases,
      {} as OutcomeWriter,
      {} as DeliveryMetrics,
      {} as Pacer,
    );
    const [one, other] = [suspect('one'), suspect('other')];
    await deliverer.prepare([one]);
    isAway = true;
    await expect(deliverer.prepare([other])).rejects.toThrow('away');
    isAway = false;
    await deliverer.giveBack([one]);
    const [again] = await deliverer.prepare([other]);
    leases.stop();
    await deliverer.deliver(again as ReadyJob);
    expect(taken).toBe(0);
  });
});
