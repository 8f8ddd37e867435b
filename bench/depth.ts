/**
 * `npm run bench -- depth`: what a message costs in an empty house, and in one with many recipients
 * pending and many more in the past. Claims are made by the service's own FairClaimer and
 * SendJobRepository on its own queue pool, one after the other, while nothing else runs; accepting
 * and delivering are those of the running service, in CPU time of all its processes and the database.
 *
 *   npm run bench -- depth --pending 1000000 --past 10000000
 */
import { parseArgs } from 'node:util';
import { Caller } from './caller.ts';
import { cpuSeconds } from './cpu-time.ts';
import { Installation, relayAt } from './installation.ts';
import { NextHop } from './next-hop.ts';
import { RECIPIENTS_OF_PAST_MESSAGE, Seeder } from './seed.ts';
import { bodies, median, percentile, recipient } from './workload.ts';

const built = new URL('../dist/src/', import.meta.url);
const load = <T>(path: string): Promise<T> => import(new URL(path, built).href) as Promise<T>;
const { Pools } = await load<typeof import('../src/database/pools.js')>('database/pools.js');
const { FairClaimer } = await load<typeof import('../src/sending/delivery/fair-claimer.js')>(
  'sending/delivery/fair-claimer.js',
);
const { SendJobRepository } = await load<typeof import('../src/sending/delivery/send-job.repository.js')>(
  'sending/delivery/send-job.repository.js',
);

const { values } = parseArgs({
  allowPositionals: true,
  options: {
    pending: { type: 'string', default: '200000' },
    past: { type: 'string', default: '500000' },
    rounds: { type: 'string', default: '3' },
  },
});
const pending = Number(values.pending);
const past = Number(values.past);
const rounds = Number(values.rounds);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const CLAIMS = 300;
/** As many as lane BULK claims at once with its ten slots. */
const CLAIM = 30;
const ACCEPTED = 3000;
const BATCH = 100;
const DELIVERED = 6000;
const WITHIN_MS = 300_000;
/** Enough for all that is measured, and a little that is always left. */
const LEAST_PENDING = CLAIMS * CLAIM + rounds * DELIVERED + 5000;

const SEND_BATCH = `mutation ($input: SendMessagesInput!) {
  sendMessages(input: $input) { results { userErrors { code message } } userErrors { code message } }
}`;

interface Cost {
  readonly claimP50Ms: number;
  readonly claimP99Ms: number;
  readonly acceptMicros: number;
  readonly deliverMicros: number;
}

const hop = await NextHop.start();
const house = await Installation.start(relayAt(hop));
const seeder = await Seeder.connect(house.databaseUrl);
const caller = new Caller(house.url, house.key);
let nextId = 1;
try {
  const tenant = await seeder.newTenant('newsletter');
  await accept();
  await seeder.pending(tenant, 'BULK', LEAST_PENDING);
  const empty = await measure();
  say(line('nearly empty', empty));
  const start = performance.now();
  await seeder.past(tenant, past);
  say(`${past} past recipients made after ${seconds(start)} s`);
  await seeder.pending(tenant, 'BULK', Math.max(pending, LEAST_PENDING));
  say(`${pending} pending recipients made after ${seconds(start)} s, database ${await databaseSize()}`);
  const full = await measure();
  say(`\nMedians of ${rounds} rounds, Node ${process.version}`);
  say(line(`${LEAST_PENDING} pending, 0 past`, empty));
  say(line(`${pending} pending, ${past} past`, full));
  const ratio = (pick: (cost: Cost) => number): string => (pick(full) / pick(empty)).toFixed(2).padStart(8);
  say(
    `${'times'.padEnd(36)} claim p50 ${ratio((c) => c.claimP50Ms)}     p99 ${ratio((c) => c.claimP99Ms)}     accept ${ratio((c) => c.acceptMicros)}         deliver ${ratio((c) => c.deliverMicros)}`,
  );
  say(`Past messages have ${RECIPIENTS_OF_PAST_MESSAGE} recipients each, with an attempt and two events.`);
} finally {
  caller.close();
  await seeder.close();
  await house.stop();
  hop.stop();
}

function line(name: string, { claimP50Ms, claimP99Ms, acceptMicros, deliverMicros }: Cost): string {
  const time = (ms: number): string => `${ms.toFixed(2).padStart(8)} ms`;
  const cpu = (micros: number): string => `${micros.toFixed(0).padStart(8)} us CPU`;
  return `${name.padEnd(36)} claim p50 ${time(claimP50Ms)}  p99 ${time(claimP99Ms)}  accept ${cpu(acceptMicros)}  deliver ${cpu(deliverMicros)}`;
}

function seconds(since: number): string {
  return ((performance.now() - since) / 1000).toFixed(0);
}

async function measure(): Promise<Cost> {
  const times = await claimTimes();
  const accepts: number[] = [];
  for (let round = 0; round < rounds; round += 1) accepts.push(await cpuOf(ACCEPTED, accept));
  const delivers = await deliver();
  return {
    claimP50Ms: percentile(times, 0.5) ?? Number.NaN,
    claimP99Ms: percentile(times, 0.99) ?? Number.NaN,
    acceptMicros: median(accepts),
    deliverMicros: median(delivers),
  };
}

/** What is claimed is given back behind the others, so that no two claims take the same. */
async function claimTimes(): Promise<number[]> {
  const config = { databasePool: 2, workerPool: 2, leaseMs: 60_000 };
  const pools = new Pools(house.databaseUrl, config);
  const jobs = new SendJobRepository(pools, config as ConstructorParameters<typeof SendJobRepository>[1]);
  const claimer = new FairClaimer('BULK', jobs);
  const times: number[] = [];
  try {
    for (let n = 0; n < CLAIMS; n += 1) {
      const start = performance.now();
      const claim = await claimer.claim(CLAIM);
      times.push(performance.now() - start);
      if (claim.jobs.length < CLAIM) throw new Error(`a claim brought ${claim.jobs.length} of ${CLAIM} jobs`);
      await jobs.release(claim.jobs);
    }
  } finally {
    await pools.close();
  }
  return times;
}

/** Nobody delivers meanwhile: what is accepted here goes out in turns with the seeded mail later. */
async function accept(): Promise<void> {
  for (let n = 0; n < ACCEPTED; n += BATCH) {
    const messages = Array.from({ length: BATCH }, () => message(nextId++));
    const { sendMessages } = await caller.ask<{
      sendMessages: { results: readonly Problems[] } & Problems;
    }>(SEND_BATCH, { input: { messages } });
    const [problem] = [...sendMessages.userErrors, ...sendMessages.results.flatMap(({ userErrors }) => userErrors)];
    if (problem !== undefined) throw new Error(`${problem.code}: ${problem.message}`);
  }
}

interface Problems {
  readonly userErrors: readonly { readonly code: string; readonly message: string }[];
}

function message(id: number): unknown {
  return {
    idempotencyKey: `bench-${id}`,
    from: { address: 'shop@example.com' },
    to: [{ address: recipient(id) }],
    subject: `Invoice ${id}`,
    content: { inline: bodies(2000) },
    lane: 'BULK',
  };
}

/** Rounds of a running worker, after its first thousand, which compile code and fill caches. */
async function deliver(): Promise<number[]> {
  const costs: number[] = [];
  await hop.reset();
  await house.startWorker();
  try {
    let goal = 1000;
    await sent(goal);
    for (let round = 0; round < rounds; round += 1) {
      goal += DELIVERED;
      costs.push(await cpuOf(DELIVERED, () => sent(goal)));
    }
  } finally {
    await house.stopWorker();
  }
  return costs;
}

async function sent(goal: number): Promise<void> {
  const { unique } = await hop.waitFor(goal, WITHIN_MS);
  if (unique < goal) throw new Error(`only ${unique} of ${goal} messages were sent`);
}

/** Microseconds of CPU for each of so many messages. */
async function cpuOf(messages: number, work: () => Promise<void>): Promise<number> {
  const before = cpuSeconds(house.pids);
  await work();
  return ((cpuSeconds(house.pids) - before) * 1e6) / messages;
}

async function databaseSize(): Promise<string> {
  const [row] = await house.query<{ size: string }>(
    'select pg_size_pretty(pg_database_size(current_database())) as size',
  );
  return row?.size ?? '';
}
