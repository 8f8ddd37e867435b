import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { MessageInput } from '../../../src/domain/check-message.js';
import { EVENT_TYPE_CODES as EVENT } from '../../../src/domain/delivery-event.js';
import type { Principal } from '../../../src/domain/principal.js';
import { RECIPIENT_STATUS_CODES as STATUS } from '../../../src/domain/recipient-status.js';
import { type TestDatabase, createTestDatabase } from '../../support/postgres.js';
import { SmtpSink } from '../../support/smtp-sink.js';
import { waitFor } from '../../support/wait-for.js';
import { type Rig, draft, idOf, newPrincipal, openRig } from '../accept/rig.js';
import { type WorkerRig, eventsOf, openWorker, recipientOf } from './worker-rig.js';

const LONG = { timeoutMs: 20_000 };

let database: TestDatabase;
let sink: SmtpSink;
let api: Rig;
let principal: Principal;
let worker: WorkerRig | undefined;

beforeEach(async () => {
  database = await createTestDatabase();
  sink = await SmtpSink.start();
  api = openRig(database.url);
  principal = await newPrincipal(api, 'LIVE');
  worker = undefined;
});

afterEach(async () => {
  await worker?.stop();
  await api.pools.close();
  await sink.close();
  await database.drop();
});

function start(limits: object = {}, port = sink.port): WorkerRig {
  const relay = { name: 'relay', kind: 'SMTP', settings: { host: '127.0.0.1', port, tls: 'off' }, limits };
  const routes = [{ steps: [{ providers: [{ provider: 'relay' }] }] }];
  worker = openWorker(database.url, { providers: JSON.stringify({ providers: [relay], routes }) });
  worker.start();
  return worker;
}

const accept = async (input: Partial<MessageInput> = {}): Promise<string> =>
  idOf(await api.acceptor.accept(principal, draft(input)));

const status = async (id: string): Promise<unknown> => (await recipientOf(api.pools, id))['status'];

describe('mail that waits', () => {
  it('for its turn in a rate goes, however long it has been here', async () => {
    const ids = await Promise.all(Array.from({ length: 8 }, () => accept({ lane: 'BULK' })));
    await api.pools.main.query(`update message set accepted_at = accepted_at - interval '4 days'`);
    await api.pools.main.query(`update send_job set run_at = run_at - interval '4 days'`);
    start({ perSecond: 4, burst: 1 });
    await sink.taken(8);
    for (const id of ids) {
      await waitFor(async () => (await status(id)) === STATUS.HANDED_OFF, LONG);
      expect(await recipientOf(api.pools, id)).toMatchObject({ attempts: 1 });
    }
  }, 40_000);

  it('for a way that is shut is given up after the time its lane tries for, counted from when it was found shut', async () => {
    const { port } = sink;
    await sink.close();
    const rig = start({}, port);
    const id = await accept({ lane: 'OTP' });
    await waitFor(async () => {
      const { rows } = await api.pools.main.query('select from send_job where parked_since is not null');
      return rows.length === 1;
    }, LONG);
    await api.pools.main.query(`update send_job set parked_since = now() - interval '1 hour', run_at = now()`);
    rig.signals.publish('jobs', 'OTP');
    await waitFor(async () => (await status(id)) === STATUS.FAILED, LONG);
    expect(sink.accepted).toBe(0);
    sink = await SmtpSink.start();
  }, 40_000);

  it('for a day’s quota of one provider is not given up because the other one is shut', async () => {
    const away = await SmtpSink.start();
    const { port } = away;
    await away.close();
    const smtp = (name: string, at: number, limits: object) => ({
      name,
      kind: 'SMTP',
      settings: { host: '127.0.0.1', port: at, tls: 'off' },
      limits,
    });
    const providers = [smtp('away', port, {}), smtp('relay', sink.port, { perDay: 1 })];
    const routes = [{ steps: providers.map(({ name }) => ({ providers: [{ provider: name }] })) }];
    worker = openWorker(database.url, { providers: JSON.stringify({ providers, routes }) });
    worker.start();
    const jobs = async (where: string): Promise<number> =>
      (await api.pools.main.query(`select from send_job where lease is null and run_at > now() and ${where}`)).rows
        .length;
    await waitFor(async () => {
      const { rows } = await api.pools.main.query(`select from pace where key = 'lane/away/OTP' and kind > 0`);
      return rows.length === 1;
    }, LONG);
    await accept({ lane: 'OTP' });
    await sink.taken(1);
    const id = await accept({ lane: 'OTP' });
    await waitFor(async () => (await jobs('waiting_for is not null')) === 1, LONG);
    await api.pools.main.query(`update send_job set parked_since = now() - interval '1 hour', run_at = now()`);
    worker.signals.publish('jobs', 'OTP');
    await waitFor(async () => (await status(id)) === STATUS.FAILED || (await jobs('parked_since is null')) === 1, LONG);
    expect(await status(id)).toBe(STATUS.QUEUED);
  }, 40_000);

  it('in doubt until its time is over stays in doubt', async () => {
    const id = await accept({
      to: [{ address: 'in-doubt@postern.test' }],
      expiresAt: new Date(Date.now() + 3_600_000),
    });
    const rig = start();
    await waitFor(async () => (await status(id)) === STATUS.IN_DOUBT, LONG);
    await api.pools.main.query(`update send_job set expires_at = now() - interval '1 s', run_at = now()`);
    rig.signals.publish('jobs');
    await waitFor(async () => (await recipientOf(api.pools, id))['run_at'] === null, LONG);
    expect(await recipientOf(api.pools, id)).toMatchObject({ status: STATUS.IN_DOUBT, attempts: 1 });
    expect(await eventsOf(api.pools, id)).toEqual([EVENT.ACCEPTED, EVENT.IN_DOUBT, EVENT.IN_DOUBT]);
  }, 40_000);
});
