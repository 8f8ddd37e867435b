import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { EVENT_TYPE_CODES as EVENT } from '../../../src/domain/delivery-event.js';
import type { Principal } from '../../../src/domain/principal.js';
import { FairClaimer } from '../../../src/sending/delivery/fair-claimer.js';
import type { SendJobRepository } from '../../../src/sending/delivery/send-job.repository.js';
import { type TestDatabase, createTestDatabase } from '../../support/postgres.js';
import { type SeverableProxy, startSeverableProxy } from '../../support/severable-proxy.js';
import { SmtpSink } from '../../support/smtp-sink.js';
import { waitFor } from '../../support/wait-for.js';
import { type Rig, draft, idOf, newPrincipal, openRig } from '../accept/rig.js';
import { type WorkerRig, claimAll, eventsOf, openWorker, recipientOf } from './worker-rig.js';

const LEASE_MS = 4000;
/** More than half of a lease, and so much less than a whole one that a slow machine does not make it one. */
const HAND_OVER_MS = 2200;

/** What was certainly not sent must not be called "perhaps sent": with HOLD an operator would have to look. */
describe('jobs a worker holds but has not begun', () => {
  let database: TestDatabase;
  let proxy: SeverableProxy;
  let sink: SmtpSink;
  let api: Rig;
  let principal: Principal;
  let worker: WorkerRig;

  beforeEach(async () => {
    database = await createTestDatabase();
    proxy = await startSeverableProxy(database.url);
    sink = await SmtpSink.start({ delayMs: HAND_OVER_MS });
    api = openRig(database.url);
    principal = await newPrincipal(api, 'LIVE');
    worker = openWorker(proxy.url, {
      smtpUrl: `smtp://127.0.0.1:${sink.port}`,
      leaseMs: LEASE_MS,
      slotsTransactional: 1,
    });
  });

  afterEach(async () => {
    await worker.stop();
    await proxy.close();
    await api.pools.close();
    await sink.close();
    await database.drop();
  });

  const accept = async (): Promise<string> => idOf(await api.acceptor.accept(principal, draft({ inDoubt: 'HOLD' })));

  const leased = async (): Promise<number> => {
    const { rows } = await api.pools.main.query<{ n: number }>(
      'select count(*)::int as n from send_job where lease is not null',
    );
    return rows[0]?.n ?? 0;
  };

  const expireLeases = (): Promise<unknown> => api.pools.main.query('update send_job set run_at = now()');

  it('are sent when the database comes back after an outage', async () => {
    const ids = [await accept(), await accept(), await accept()];
    const extend = jest.spyOn(worker.jobs, 'extend');
    worker.start();
    await sink.taken(1);
    proxy.cut();
    // The reply comes when more than half of the lease has passed: the next job asks the database first, in vain.
    await waitFor(() => extend.mock.calls.some(([jobs]) => jobs.length === 1));
    proxy.mend();
    await sink.taken(ids.length);
    for (const id of ids) {
      await waitFor(async () => (await recipientOf(api.pools, id))['run_at'] === null);
      expect(await eventsOf(api.pools, id)).toEqual([EVENT.ACCEPTED, EVENT.HANDED_OFF]);
    }
    expect(Math.max(...sink.perId.values())).toBe(1);
  });

  it('are not counted as perhaps sent when the way they would take cannot be looked up', async () => {
    const quick = await SmtpSink.start({ delayMs: 200 });
    const relay = { name: 'relay', kind: 'SMTP', settings: { host: '127.0.0.1', port: quick.port, tls: 'off' } };
    const limited = openWorker(proxy.url, {
      providers: JSON.stringify({
        // Each message needs a token, which is asked for in the database.
        providers: [{ ...relay, limits: { perSecond: 1000, burst: 1 } }],
        routes: [{ steps: [{ providers: [{ provider: 'relay' }] }] }],
      }),
      leaseMs: 8000,
    });
    try {
      const ids = await Promise.all(Array.from({ length: 40 }, () => accept()));
      limited.start();
      await quick.taken(10);
      proxy.cut();
      const failing = jest.spyOn(limited.jobs, 'extend');
      await waitFor(() => failing.mock.calls.length > 0 || quick.accepted >= 30, { timeoutMs: 4000 }).catch(() => 0);
      proxy.mend();
      await quick.taken(ids.length);
      for (const id of ids) {
        await waitFor(async () => (await recipientOf(api.pools, id))['run_at'] === null, { timeoutMs: 20_000 });
        expect(await eventsOf(api.pools, id)).toEqual([EVENT.ACCEPTED, EVENT.HANDED_OFF]);
      }
      expect(quick.accepted).toBe(ids.length);
    } finally {
      await limited.stop();
      await quick.close();
    }
  }, 60_000);

  it('are given back when the answer to their claim got lost', async () => {
    const id = await accept();
    let answersLost = 0;
    const jobs = Object.create(worker.jobs, {
      claim: {
        value: async (request: Parameters<SendJobRepository['claim']>[0]) => {
          const answer = await worker.jobs.claim(request);
          if (answersLost > 0) return answer;
          answersLost += 1;
          throw new Error('Connection terminated unexpectedly');
        },
      },
    }) as SendJobRepository;
    const claimer = new FairClaimer('TRANSACTIONAL', jobs);
    await expect(claimer.claim(10)).rejects.toThrow('Connection terminated');
    expect(await leased()).toBe(1);
    const again = await claimer.claim(10);
    expect(again.jobs).toMatchObject([{ messageId: id, attempt: 1, lost: 0 }]);
  });

  it('keep the memory of earlier attempts that were lost when they are given back', async () => {
    await accept();
    await claimAll(worker.jobs, principal);
    await expireLeases();
    const second = await claimAll(worker.jobs, principal);
    expect(second.jobs).toMatchObject([{ attempt: 2, lost: 1 }]);
    await worker.jobs.release(second.jobs);
    const third = await claimAll(worker.jobs, principal);
    expect(third.jobs).toMatchObject([{ attempt: 2, lost: 1 }]);
  });
});
