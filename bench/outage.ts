/**
 * `npm run bench -- outage`: a provider goes away for some time and comes back with a limited capacity
 * while mail goes on arriving. How many attempts were wasted, how much of its capacity was used until
 * everything could have been sent, and how long the unluckiest message waited.
 *
 *   npm run bench -- outage --seconds 300 --arriving 20 --capacity 50
 *   npm run bench -- outage --seconds 300 --second        with a second provider to fall back on
 */
import { parseArgs } from 'node:util';
import { Installation, relayAt } from './installation.ts';
import { NextHop } from './next-hop.ts';
import type { Absence } from './sink-order.ts';
import { SteadySender } from './steady-sender.ts';
import { percentile } from './workload.ts';

const { values } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '300' },
    arriving: { type: 'string', default: '20' },
    capacity: { type: 'string', default: '50' },
    lane: { type: 'string', default: 'TRANSACTIONAL' },
    silent: { type: 'boolean', default: false },
    second: { type: 'boolean', default: false },
  },
});
const away = Number(values.seconds);
const arriving = Number(values.arriving);
const capacity = Number(values.capacity);
const absence: Absence = values.silent ? 'silent' : 'refusing';
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const pause = (seconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/** Before it goes away, so that it is known what is usual. */
const USUAL_SECONDS = 20;
const LAST_WITHIN_SECONDS = 900;

/** From the return on: what waits is `away * arriving`, and more comes all the while. */
const perfectSeconds = (away * arriving) / (capacity - arriving);
if (!(perfectSeconds > 0)) throw new Error('Nothing can be drained: let --capacity be above --arriving.');

const first = await NextHop.start();
const second = await NextHop.start();
const house = await Installation.start(values.second ? twoProviders() : relayAt(first));
const sender = new SteadySender(house.url, house.key);
try {
  await house.startWorker();
  await first.limit(capacity);
  await run();
} finally {
  sender.close();
  await house.stop();
  first.stop();
  second.stop();
}

/** The second is asked for what the first certainly did not take. */
function twoProviders(): Record<string, string> {
  const provider = (name: string, hop: NextHop): object => ({
    name,
    kind: 'SMTP',
    settings: { host: '127.0.0.1', port: hop.port, tls: 'off' },
  });
  const step = (name: string): object => ({ providers: [{ provider: name }] });
  const document = {
    providers: [provider('first', first), provider('second', second)],
    routes: [{ steps: [step('first'), step('second')] }],
  };
  return { POSTERN_PROVIDERS: JSON.stringify(document) };
}

async function run(): Promise<void> {
  let stopping = false;
  let nextId = 1;
  const load = sender.run(1000 / arriving, () => {
    return stopping ? undefined : { id: nextId++, domain: 'shop.test', lane: values.lane };
  });
  // What it fails with is told where it is awaited.
  load.catch(() => undefined);
  await pause(USUAL_SECONDS);
  await first.leave(absence);
  const leftAt = now();
  say(`${absence} after ${USUAL_SECONDS} s of ${arriving} messages/s`);
  await pause(away);
  const before = await first.count();
  await first.return();
  const returnedAt = now();
  say(`back after ${away} s with ${capacity} messages/s; all could be sent ${perfectSeconds.toFixed(0)} s later`);
  await pause(perfectSeconds);
  stopping = true;
  const begun = await load;
  const after = await first.count();
  const arrivals = await allArrivals(begun.size);
  const used = (after.unique - before.unique) / (perfectSeconds * capacity);
  await report({ begun, arrivals, leftAt, returnedAt, used });
}

function now(): number {
  return performance.timeOrigin + performance.now();
}

/** Of both, until there are so many; gives up in the end. */
async function allArrivals(count: number): Promise<Map<number, number[]>> {
  const end = performance.now() + LAST_WITHIN_SECONDS * 1000;
  for (;;) {
    const arrivals = new Map([...(await first.arrivals()), ...(await second.arrivals())]);
    if (arrivals.size >= count || performance.now() > end) return arrivals;
    await pause(0.25);
  }
}

interface Course {
  readonly begun: ReadonlyMap<number, number>;
  readonly arrivals: ReadonlyMap<number, readonly number[]>;
  readonly leftAt: number;
  readonly returnedAt: number;
  /** Share of what the first could take until everything could have been sent. */
  readonly used: number;
}

async function report({ begun, arrivals, leftAt, returnedAt, used }: Course): Promise<void> {
  const waits = [...begun].map(([id, at]) => ({ at, ms: (arrivals.get(id)?.[0] ?? Infinity) - at }));
  const longest = (some: typeof waits): string => `${(Math.max(0, ...some.map(({ ms }) => ms)) / 1000).toFixed(1)} s`;
  const drainedBy = (share: number): string => {
    const times = [...arrivals.values()].map(([at = 0]) => at);
    return `${(((percentile(times, share) ?? 0) - returnedAt) / 1000).toFixed(0)} s`;
  };
  const wasted = await wastedAttempts();
  const copies = [...arrivals.values()].reduce((sum, all) => sum + all.length, 0);
  const rows: readonly (readonly [string, string])[] = [
    ['messages', `${begun.size}, lost ${begun.size - arrivals.size}, twice ${copies - arrivals.size}`],
    ['attempts wasted', `${wasted}, ${(wasted / begun.size).toFixed(3)} a message`],
    ['  refused by the provider', String((await first.count()).deferred)],
    ...(values.second
      ? []
      : ([
          ['capacity used until all could be sent', `${(used * 100).toFixed(0)} %`],
          ['99 % sent, after the return', `${drainedBy(0.99)} (at best ${perfectSeconds.toFixed(0)} s)`],
          ['all sent, after the return', drainedBy(1)],
        ] as const)),
    ['longest wait', longest(waits)],
    ['  of what came during the outage', longest(waits.filter(({ at }) => at > leftAt && at < returnedAt))],
    ['  of what came after it', longest(waits.filter(({ at }) => at > returnedAt))],
  ];
  say('');
  for (const [name, value] of rows) say(`${name.padEnd(40)} ${value}`);
}

/** Attempts that ended without a mail having been taken, by the ledger. */
async function wastedAttempts(): Promise<number> {
  const [row] = await house.query<{ n: number }>(`select count(*)::int as n from attempt where outcome <> 'ACCEPTED'`);
  return row?.n ?? 0;
}
