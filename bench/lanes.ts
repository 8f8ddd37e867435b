/**
 * `npm run bench -- lanes`: what a one-time code waits for while bulk mail is sent at full speed, and
 * what a small tenant waits for behind a large one in the same lane, each against an idle service in
 * the same run. Quiet and busy take turns; the figures are medians of the rounds.
 *
 *   npm run bench -- lanes --pending 1000000 --seconds 20 --rounds 3
 *   npm run bench -- lanes --pending 50000 --away 20      each of the relay's replies takes 20 ms
 */
import { parseArgs } from 'node:util';
import { Installation, relayAt } from './installation.ts';
import { type Latencies, measureLatency, ms, summary } from './latency.ts';
import { NextHop } from './next-hop.ts';
import { FIRST_SEEDED, Seeder } from './seed.ts';
import { type SteadyMail, SteadySender } from './steady-sender.ts';

const { values } = parseArgs({
  allowPositionals: true,
  options: {
    pending: { type: 'string', default: '200000' },
    seconds: { type: 'string', default: '15' },
    rounds: { type: 'string', default: '3' },
    away: { type: 'string', default: '0' },
  },
});
const pending = Number(values.pending);
const seconds = Number(values.seconds);
const rounds = Number(values.rounds);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const CODE_EVERY_MS = 50;
/** Ten a second against a million. */
const SMALL_EVERY_MS = 100;
const WARM_UP_EVERY_MS = 5;
const WARM_UP_SECONDS = 5;
const FLOWING_WITHIN_MS = 60_000;

const KINDS = { code: 'a code', small: 'a small tenant, in BULK' } as const;
type Kind = keyof typeof KINDS;
const STATES = { quiet: 'quiet', busy: 'bulk under way' } as const;
type State = keyof typeof STATES;

const hop = await NextHop.start();
const house = await Installation.start(relayAt(hop));
const seeder = await Seeder.connect(house.databaseUrl);
const sender = new SteadySender(house.url, house.key);
const measured: { kind: Kind; state: State; latencies: Latencies }[] = [];
let nextId = 1;
await hop.retreat(Number(values.away));
try {
  await startWarmWorker();
  const begin = performance.now();
  const tenant = await seeder.newTenant('newsletter');
  for (let round = 1; round <= rounds; round += 1) {
    await measureBoth(round, 'quiet');
    await house.stopWorker();
    if (round === 1) {
      await seeder.pending(tenant, 'BULK', pending);
      say(`${pending} bulk recipients made after ${((performance.now() - begin) / 1000).toFixed(0)} s`);
    } else await putBack();
    await startWarmWorker();
    await untilFlowing();
    const before = await bulkSent();
    const start = performance.now();
    await measureBoth(round, 'busy');
    const perSecond = ((await bulkSent()) - before) / ((performance.now() - start) / 1000);
    const left = await bulkLeft();
    say(`round ${round}  bulk mail at ${perSecond.toFixed(0)}/s meanwhile, ${left} recipients left`);
    if (left === 0) throw new Error('The bulk mail came to its end: measure with more --pending.');
    await house.stopWorker();
    await setAside();
    if (round < rounds) await startWarmWorker();
  }
  report();
} finally {
  sender.close();
  await seeder.close();
  await house.stop();
  hop.stop();
}

/** A new process compiles its code with the first messages: these are not what a code waits for. */
async function startWarmWorker(): Promise<void> {
  await house.startWorker();
  await measureLatency(house, hop, sender, {
    everyMs: WARM_UP_EVERY_MS,
    seconds: WARM_UP_SECONDS,
    mail: nextMail('small'),
  });
  await measure('code', WARM_UP_SECONDS);
}

async function measureBoth(round: number, state: State): Promise<void> {
  for (const kind of ['code', 'small'] as const) {
    const latencies = await measure(kind, seconds);
    measured.push({ kind, state, latencies });
    const { p50, p99 } = summary([latencies.accepted]);
    say(`round ${round}  ${KINDS[kind].padEnd(26)} ${STATES[state].padEnd(16)} p50 ${ms(p50)}  p99 ${ms(p99)}`);
  }
}

function measure(kind: Kind, forSeconds: number): Promise<Latencies> {
  return measureLatency(house, hop, sender, {
    everyMs: kind === 'code' ? CODE_EVERY_MS : SMALL_EVERY_MS,
    seconds: forSeconds,
    mail: nextMail(kind),
  });
}

function nextMail(kind: Kind): () => SteadyMail {
  return () => ({ id: nextId++, domain: 'shop.test', lane: kind === 'code' ? 'OTP' : 'BULK' });
}

/** Bulk recipients the relay has taken. */
async function bulkSent(): Promise<number> {
  const { unique } = await hop.count();
  return unique - (await hop.arrivals(FIRST_SEEDED)).size;
}

async function bulkLeft(): Promise<number> {
  const [row] = await house.query<{ n: number }>('select count(*)::int as n from send_job');
  return row?.n ?? 0;
}

async function untilFlowing(): Promise<void> {
  const goal = (await bulkSent()) + 1000;
  const end = performance.now() + FLOWING_WITHIN_MS;
  while ((await bulkSent()) < goal) {
    if (performance.now() > end) throw new Error('No bulk mail was sent.');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** The worker has given back what it held: what is left waits in another table while it is quiet. */
async function setAside(): Promise<void> {
  await house.query('create table if not exists send_job_aside (like send_job)');
  await house.query('insert into send_job_aside select * from send_job');
  await house.query('truncate send_job');
}

async function putBack(): Promise<void> {
  await house.query('insert into send_job select * from send_job_aside');
  await house.query('truncate send_job_aside');
  await house.query('vacuum (analyze) send_job');
}

function report(): void {
  say(`\nMedians of ${rounds} rounds, ${pending} bulk recipients, Node ${process.version}`);
  for (const kind of ['code', 'small'] as const) {
    for (const [from, pick] of [
      ['accepted', (l: Latencies) => l.accepted],
      ['requested', (l: Latencies) => l.asked],
    ] as const) {
      const of = (state: State): { p50: number; p99: number } =>
        summary(measured.filter((m) => m.kind === kind && m.state === state).map((m) => pick(m.latencies)));
      const [quiet, busy] = [of('quiet'), of('busy')];
      say(`\n${KINDS[kind]}, from ${from} to the relay's 250`);
      say(`  quiet           p50 ${ms(quiet.p50)}  p99 ${ms(quiet.p99)}`);
      say(
        `  bulk under way  p50 ${ms(busy.p50)}  p99 ${ms(busy.p99)}  p99 is ${(busy.p99 / quiet.p99).toFixed(2)} times`,
      );
    }
  }
  say(`\nlost ${measured.reduce((sum, { latencies }) => sum + latencies.lost, 0)}`);
}
