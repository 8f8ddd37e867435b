/**
 * `npm run bench -- destinations`: what the others' mail waits for while one destination answers 421
 * to a tenth of its mail, hangs, or answers one byte at a time, against the same load while it is fine.
 * All of them are behind one relay, which behaves by the recipient's domain, or have a mail exchanger of
 * their own each.
 *
 *   npm run bench -- destinations --seconds 60 --rounds 3
 *   npm run bench -- destinations --way direct
 */
import { parseArgs } from 'node:util';
import type { Answer } from 'dns-packet';
import { DnsServer } from '../test/support/dns-server.ts';
import { Installation, relayAt } from './installation.ts';
import { type Latencies, measureLatency, ms, summary } from './latency.ts';
import { NextHop } from './next-hop.ts';
import type { Behaviour } from './sink-order.ts';
import { type SteadyMail, SteadySender } from './steady-sender.ts';

const { values } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '60' },
    rounds: { type: 'string', default: '3' },
    rate: { type: 'string', default: '60' },
    lane: { type: 'string', default: 'TRANSACTIONAL' },
    way: { type: 'string', default: 'relay' },
  },
});
const seconds = Number(values.seconds);
const rounds = Number(values.rounds);
const rate = Number(values.rate);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Every third mail goes to it, the others to twenty that are fine. */
const ILL = 'ill.test';
const ILL_SHARE = 3;
const FINE = 20;
const fineDomain = (n: number): string => `fine${n % FINE}.test`;

const CASES: readonly { readonly behaviour: Behaviour; readonly name: string }[] = [
  { behaviour: 'fine', name: 'it is fine' },
  { behaviour: 'busy', name: '421 to one in ten' },
  { behaviour: 'hanging', name: 'it hangs' },
  { behaviour: 'dripping', name: 'a byte at a time' },
];

const measured = new Map<Behaviour, Latencies[]>(CASES.map(({ behaviour }) => [behaviour, []]));
let nextId = 1;
for (let round = 1; round <= rounds; round += 1) {
  for (const { behaviour, name } of round % 2 === 0 ? CASES.toReversed() : CASES) {
    const latencies = await measureCase(behaviour);
    measured.get(behaviour)?.push(latencies);
    const { p50, p99 } = summary([latencies.accepted]);
    say(`round ${round}  ${name.padEnd(20)} p50 ${ms(p50)}  p99 ${ms(p99)}  lost ${latencies.lost}`);
  }
}
report();

/** Each with a house of its own: what was learnt of an illness must not help in the next case. */
async function measureCase(behaviour: Behaviour): Promise<Latencies> {
  const hop = await NextHop.start();
  const names = await DnsServer.start(zone());
  const house = await Installation.start(values.way === 'direct' ? directTo(hop, names) : relayAt(hop));
  const sender = new SteadySender(house.url, house.key);
  try {
    await house.startWorker();
    const phase = { everyMs: 1000 / rate, mail, isMeasured: ({ domain }: SteadyMail): boolean => domain !== ILL };
    await measureLatency(house, hop, sender, { ...phase, seconds: 5 });
    await hop.behave(ILL, behaviour);
    return await measureLatency(house, hop, sender, { ...phase, seconds });
  } finally {
    sender.close();
    hop.stop();
    await house.stop();
    await names.close();
  }
}

/** Each domain has a host of its own, all of them at the sink. */
function zone(): Record<string, Answer[]> {
  const domains = [ILL, ...Array.from({ length: FINE }, (_, n) => fineDomain(n))];
  return Object.fromEntries(
    domains.flatMap((name) => {
      const exchange = `mx.${name}`;
      return [
        [name, [{ type: 'MX', name, ttl: 300, data: { preference: 10, exchange } }]],
        [exchange, [{ type: 'A', name: exchange, ttl: 300, data: '127.0.0.1' }]],
      ] as const satisfies [string, Answer[]][];
    }),
  );
}

function directTo(hop: NextHop, names: DnsServer): Record<string, string> {
  const settings = { ehloName: 'mail.example.com', port: hop.port, addressFamily: 'ipv4', allowPrivateTargets: true };
  const document = {
    providers: [{ name: 'direct', kind: 'DIRECT', settings }],
    routes: [{ steps: [{ providers: [{ provider: 'direct' }] }] }],
  };
  return { POSTERN_PROVIDERS: JSON.stringify(document), POSTERN_DNS_SERVERS: names.address };
}

function mail(): SteadyMail {
  const id = nextId++;
  return { id, domain: id % ILL_SHARE === 0 ? ILL : fineDomain(id), lane: values.lane };
}

function report(): void {
  const fine = summary((measured.get('fine') ?? []).map(({ accepted }) => accepted));
  say(`\nMail to the others, from accepted to the relay's 250. Medians of ${rounds} rounds, Node ${process.version}`);
  for (const { behaviour, name } of CASES) {
    const { p50, p99 } = summary((measured.get(behaviour) ?? []).map(({ accepted }) => accepted));
    say(`  ${name.padEnd(20)} p50 ${ms(p50)}  p99 ${ms(p99)}  p99 is ${(p99 / fine.p99).toFixed(2)} times`);
  }
  say(`lost ${[...measured.values()].flat().reduce((sum, { lost }) => sum + lost, 0)}`);
}
