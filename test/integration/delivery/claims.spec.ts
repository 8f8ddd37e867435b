import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Config } from '../../../src/config/config.js';
import type { MessageInput } from '../../../src/domain/check-message.js';
import { EVENT_TYPE_CODES as EVENT } from '../../../src/domain/delivery-event.js';
import type { Principal } from '../../../src/domain/principal.js';
import { RECIPIENT_STATUS_CODES as STATUS } from '../../../src/domain/recipient-status.js';
import { EventRecorder } from '../../../src/events/event-recorder.js';
import type { ClaimedJob } from '../../../src/sending/delivery/claimed-job.js';
import type { Settlement } from '../../../src/sending/delivery/decide-outcome.js';
import { OutcomeWriter } from '../../../src/sending/delivery/outcome-writer.js';
import { type TestDatabase, createTestDatabase } from '../../support/postgres.js';
import { SmtpSink } from '../../support/smtp-sink.js';
import { waitFor } from '../../support/wait-for.js';
import { type Rig, draft, idOf, newPrincipal, openRig } from '../accept/rig.js';
import { type WorkerRig, eventsOf, openWorker, recipientOf } from './worker-rig.js';

const HAND_OVER_MS = 200;
const LONG = { timeoutMs: 20_000 };

let database: TestDatabase;
let sink: SmtpSink;
let api: Rig;
let principal: Principal;
let workers: WorkerRig[];

beforeEach(async () => {
  database = await createTestDatabase();
  sink = await SmtpSink.start();
  api = openRig(database.url);
  principal = await newPrincipal(api, 'LIVE');
  workers = [];
});

afterEach(async () => {
  for (const one of workers) await one.stop();
  await api.pools.close();
  await sink.close();
  await database.drop();
});

function worker(settings: Partial<Config> = {}): WorkerRig {
  const opened = openWorker(database.url, { smtpUrl: `smtp://127.0.0.1:${sink.port}`, ...settings });
  workers.push(opened);
  return opened;
}

const accept = async (input: Partial<MessageInput> = {}): Promise<string> =>
  idOf(await api.acceptor.accept(principal, draft(input)));

const statuses = async (): Promise<number[]> => {
  const { rows } = await api.pools.main.query<{ status: number }>(
    'select status from recipient order by message_id, n',
  );
  return rows.map((row) => row.status);
};

/** As a worker does that is then killed. */
async function claimAndVanish(times: number): Promise<ClaimedJob[]> {
  const { jobs } = worker();
  const claimed: ClaimedJob[] = [];
  for (let time = 1; time <= times; time += 1) {
    const lease = `00000000-0000-4000-8000-00000000000${time}`;
    const tenants = [principal.tenantId];
    const request = { lane: 'TRANSACTIONAL', tenants, watermarks: ['-infinity'], perTenant: 60, limit: 60 } as const;
    claimed.push(...(await jobs.claim({ ...request, lease })).jobs);
    await api.pools.main.query('update send_job set run_at = now()');
  }
  return claimed;
}

describe('claims', () => {
  it('that are answered after their lease are not acted on: another worker has sent meanwhile', async () => {
    const id = await accept();
    const frozen = worker({ leaseMs: 1000 });
    const query = frozen.pools.queue.query.bind(frozen.pools.queue) as (
      ...all: unknown[]
    ) => Promise<{ rows: unknown[] }>;
    let goOn: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (goOn = resolve));
    let claimed = false;
    Object.assign(frozen.pools.queue, {
      query: async (...all: unknown[]) => {
        const result = await query(...all);
        if ((all[0] as { name?: string }).name !== 'claim_jobs' || result.rows.length === 0 || claimed) return result;
        claimed = true;
        await held;
        return result;
      },
    });
    frozen.start();
    await waitFor(() => claimed, LONG);
    worker({ leaseMs: 1000 }).start();
    await waitFor(async () => (await statuses())[0] === STATUS.HANDED_OFF, LONG);
    goOn();
    await workers[0]?.stop();
    workers.shift();
    expect(sink.accepted).toBe(1);
    expect(await eventsOf(api.pools, id)).toEqual([EVENT.ACCEPTED, EVENT.ATTEMPT_LOST, EVENT.HANDED_OFF]);
  }, 40_000);

  it('reach tenants behind any number of others that only have mail for later', async () => {
    await api.pools.main.query(
      `insert into send_job (tenant_id, message_id, n, lane, run_at, domain)
       select ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, gen_random_uuid(), 0, 1,
              now() + interval '1 day', 'x' from generate_series(1, 11000) n`,
    );
    await accept();
    worker().start();
    await sink.taken(1);
  }, 30_000);

  it('that two workers have vanished with are begun one at a time, and nobody is put aside for a neighbour', async () => {
    await Promise.all(Array.from({ length: 4 }, () => accept()));
    await claimAndVanish(2);
    const begun: number[] = [];
    const refuse = (): undefined => void begun.push(performance.now());
    const slow = await SmtpSink.start({ delayMs: HAND_OVER_MS, refuse });
    try {
      worker({ smtpUrl: `smtp://127.0.0.1:${slow.port}` }).start();
      await slow.taken(4);
      for (const [n, at] of begun.entries()) {
        if (n > 0) expect(at - (begun[n - 1] ?? at)).toBeGreaterThan(HAND_OVER_MS / 2);
      }
      await waitFor(async () => (await statuses()).every((status) => status === STATUS.HANDED_OFF), LONG);
    } finally {
      await workers.pop()?.stop();
      await slow.close();
    }
  }, 40_000);

  it('put a message aside as a whole: its other recipients do not end three more workers each', async () => {
    const id = await accept({ cc: [{ address: 'c@example.net' }, { address: 'd@example.net' }] });
    await claimAndVanish(2);
    await api.pools.main.query('update send_job set lost = 2 where n = 0');
    worker().start();
    await waitFor(async () => (await statuses()).every((status) => status === STATUS.HELD), LONG);
    expect(sink.accepted).toBe(0);
    expect((await eventsOf(api.pools, id)).filter((type) => type === EVENT.QUARANTINED)).toHaveLength(3);
  }, 40_000);
});

describe('messages too large to lie ready', () => {
  it('are sent whole, also when they are more than may be held at once', async () => {
    const content = Buffer.alloc(9_000_000, 'postern').toString('base64');
    const attachments = Array.from({ length: 2 }, (_, n) => ({ filename: `${n}.txt`, base64: content }));
    const large = await SmtpSink.start();
    try {
      for (let n = 0; n < 5; n += 1) await accept({ attachments });
      await accept({ subject: 'a small one' });
      worker({ smtpUrl: `smtp://127.0.0.1:${large.port}` }).start();
      await large.taken(6);
      const sizes = large.mails.map(({ raw }) => raw.length).toSorted((a, b) => a - b);
      expect(sizes[0]).toBeLessThan(10_000);
      for (const size of sizes.slice(1)) expect(size).toBeGreaterThan(24_000_000);
    } finally {
      await workers.pop()?.stop();
      await large.close();
    }
  }, 60_000);
});

describe('large messages that wait for their turn', () => {
  it('are given back when the worker stops: nobody takes them for lost', async () => {
    const content = Buffer.alloc(9_000_000, 'postern').toString('base64');
    const attachments = Array.from({ length: 2 }, (_, n) => ({ filename: `${n}.txt`, base64: content }));
    let begun = 0;
    const slow = await SmtpSink.start({ delayMs: 1500, refuse: () => void (begun += 1) });
    try {
      for (let n = 0; n < 5; n += 1) await accept({ attachments });
      worker({ smtpUrl: `smtp://127.0.0.1:${slow.port}` }).start();
      await waitFor(() => begun > 0, LONG);
      await workers.pop()?.stop();
      expect(slow.accepted).toBeLessThan(5);
      const { rows } = await api.pools.main.query('select lease, attempt, lost from send_job');
      const untouched = { lease: null, attempt: 0, lost: 0 };
      expect(rows).toEqual(Array.from({ length: 5 - slow.accepted }, () => untouched));
    } finally {
      await slow.close();
    }
  }, 60_000);
});

describe('outcomes', () => {
  it('that the database cannot store as they are do not stop the others, and are stored as far as they can', async () => {
    const ids = [await accept(), await accept()];
    const jobs = await claimAndVanish(1);
    const { pools, signals, jobs: repository } = worker();
    const writer = new OutcomeWriter(pools, repository, new EventRecorder(signals), signals);
    const at = new Date();
    const outcome = (job: ClaimedJob, providerMessageId: string): Settlement => ({
      delayMs: undefined,
      changes: [
        {
          tenantId: job.tenantId,
          messageId: job.messageId,
          n: job.n,
          event: 'HANDED_OFF',
          status: 'HANDED_OFF',
          attempt: { attempt: 1, outcome: 'ACCEPTED', providerMessageId, startedAt: at, finishedAt: at },
        },
      ],
    });
    const recorded = await Promise.all(
      jobs.map((job, n) => writer.write(job, outcome(job, n === 0 ? 'a\0b' : 'fine'))),
    );
    expect(recorded).toEqual([true, true]);
    for (const id of ids) expect(await recipientOf(api.pools, id)).toMatchObject({ status: STATUS.HANDED_OFF });
    const { rows } = await api.pools.main.query<{ provider_message_id: string }>(
      'select provider_message_id from attempt order by provider_message_id',
    );
    expect(rows.map((row) => row.provider_message_id)).toEqual(['ab', 'fine']);
  }, 30_000);
});

describe('outcomes of a month without a partition', () => {
  it('wait until it is made: what was sent is not sent again', async () => {
    const id = await accept();
    const [job] = await claimAndVanish(1);
    if (job === undefined) throw new Error('nothing was claimed');
    const months = await api.pools.main.query<{ name: string }>(
      `select inhrelid::regclass::text as name from pg_inherits where inhparent = 'delivery_event'::regclass`,
    );
    await api.pools.main.query(`drop table ${months.rows.map(({ name }) => name).join(', ')}`);
    const { pools, signals, jobs: repository } = worker();
    const settle = jest.spyOn(repository, 'settle');
    const writer = new OutcomeWriter(pools, repository, new EventRecorder(signals), signals);
    const { tenantId, messageId, n } = job;
    const change = { tenantId, messageId, n, event: 'HANDED_OFF', status: 'HANDED_OFF' } as const;
    let recorded: boolean | undefined;
    const written = writer.write(job, { delayMs: undefined, changes: [change] }).then((done) => (recorded = done));
    await waitFor(() => recorded !== undefined || settle.mock.calls.length > 1, LONG);
    await api.pools.main.query('select ensure_partitions(now())');
    expect(await written).toBe(true);
    expect(await recipientOf(api.pools, id)).toMatchObject({ status: STATUS.HANDED_OFF });
  }, 30_000);
});

describe('the sweeper', () => {
  it('does not send before its time what was forgotten', async () => {
    const sendAt = new Date(Date.now() + 3_600_000);
    const id = await accept({ sendAt });
    await api.pools.main.query('delete from send_job');
    await api.pools.main.query(`update recipient set updated_at = now() - interval '1 hour'`);
    expect(await worker().sweeper.sweep()).toBe(1);
    expect(await recipientOf(api.pools, id)).toMatchObject({ run_at: sendAt });
  });
});
