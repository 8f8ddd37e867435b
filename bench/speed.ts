/**
 * `npm run bench`: the whole way of a message, and the same work through what teams use otherwise, in
 * the same run. Systems alternate within each round; the figures are medians of the rounds.
 *
 *   npm run bench -- speed --rounds 3 --scale 1
 */
import { parseArgs } from 'node:util';
import { BullmqSystem, redisInstalled } from './bullmq-system.ts';
import { NextHop } from './next-hop.ts';
import { PosternSystem } from './postern-system.ts';
import { PostfixSystem, postfixInstalled } from './postfix-system.ts';
import { installedPostgres } from './postgres-server.ts';
import { type Measurement, type Workload, median } from './workload.ts';

interface System {
  readonly name: string;
  measure(work: Workload): Promise<Measurement>;
  stop(): Promise<void>;
}

const { values } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '3' }, scale: { type: 'string', default: '1' } },
});
const rounds = Number(values.rounds);
const scale = Number(values.scale);
const some = (messages: number): number => Math.max(100, Math.round((messages * scale) / 100) * 100);

const workloads: readonly Workload[] = [
  { name: '2 KB, one message a mutation', messages: some(6000), bytes: 2000, batch: 1 },
  { name: '2 KB, 100 messages a mutation', messages: some(10_000), bytes: 2000, batch: 100 },
  { name: '20 KB, one message a mutation', messages: some(3000), bytes: 20_000, batch: 1 },
  { name: '20 KB, 100 messages a mutation', messages: some(3000), bytes: 20_000, batch: 100 },
];

const SIGNED = 'Postern, signed (RSA-2048)';

const warmUps: readonly Workload[] = [
  { name: 'warm-up', messages: 2000, bytes: 2000, batch: 1 },
  { name: 'warm-up', messages: 1000, bytes: 2000, batch: 100 },
];

/** Baselines are some ten times slower: a quarter of the messages measures them as well. */
const share = (system: System, work: Workload): Workload =>
  system instanceof PosternSystem ? work : { ...work, messages: some(work.messages / scale / 4) };

const hop = await NextHop.start();
const bin = installedPostgres();
const starters: { name: string; start: () => Promise<System> }[] = [];
if (bin === undefined) process.stdout.write('No PostgreSQL is installed: only the embedded one is measured.\n');
else {
  starters.push({ name: 'Postern', start: () => PosternSystem.start(hop, bin, 'unsigned') });
  starters.push({ name: SIGNED, start: () => PosternSystem.start(hop, bin, 'signed') });
}
starters.push({ name: 'Postern, embedded database', start: () => PosternSystem.startEmbedded(hop) });
if (redisInstalled()) {
  starters.push({ name: 'BullMQ + nodemailer', start: () => BullmqSystem.start(hop, 'in process') });
  starters.push({ name: 'BullMQ behind HTTP', start: () => BullmqSystem.start(hop, 'HTTP') });
} else process.stdout.write('Redis is not installed: the BullMQ baselines are left out.\n');
if (postfixInstalled()) starters.push({ name: 'Postfix', start: () => PostfixSystem.start(hop) });
else process.stdout.write('Postfix is not installed (or this is not root): its baseline is left out.\n');

const measured: Measurement[] = [];
for (let round = 1; round <= rounds; round += 1) {
  for (const { start } of round % 2 === 0 ? starters.toReversed() : starters) {
    const system = await start();
    try {
      // The first messages compile code and fill caches; they are not what a running service costs.
      for (const work of warmUps) await system.measure(work);
      for (const work of workloads) {
        const measurement = await system.measure(share(system, work));
        measured.push({ ...measurement, workload: work.name });
        process.stdout.write(`round ${round}  ${line(measurement)}\n`);
      }
    } finally {
      await system.stop();
    }
  }
}
hop.stop();
report();

function line(m: Measurement): string {
  const accept =
    m.acceptP50Ms === undefined
      ? ''
      : `  accept p50 ${m.acceptP50Ms.toFixed(1)} p99 ${(m.acceptP99Ms ?? 0).toFixed(1)} ms`;
  return `${m.system.padEnd(28)} ${m.workload.padEnd(32)} ${m.messagesPerSecond.toFixed(0).padStart(6)}/s  ${cpu(m)}  lost ${m.lost}  twice ${m.duplicates}${accept}`;
}

function cpu({ cpuMicrosPerMessage }: Measurement): string {
  const parts = Object.entries(cpuMicrosPerMessage);
  const all = parts.reduce((sum, [, micros]) => sum + micros, 0);
  const split = parts.map(([part, micros]) => `${part} ${micros.toFixed(0)}`).join(', ');
  return `${all.toFixed(0).padStart(6)} us CPU${parts.length > 1 ? ` (${split})` : ''}`;
}

function report(): void {
  process.stdout.write(`\nMedians of ${rounds} rounds, Node ${process.version}\n`);
  for (const work of workloads) {
    process.stdout.write(`\n${work.name}\n`);
    const rate = (name: string): number => median(of(work, name).map((m) => m.messagesPerSecond));
    const ours = rate(bin === undefined ? 'Postern, embedded database' : 'Postern');
    for (const { name } of starters) {
      const all = of(work, name);
      const mid = (pick: (m: Measurement) => number): number => median(all.map(pick));
      const signed = rate(SIGNED);
      const also = Number.isNaN(signed) ? '' : `, ${(signed / rate(name)).toFixed(1)} times when it signs`;
      const ratio = name.startsWith('Postern')
        ? ''
        : `  Postern is ${(ours / rate(name)).toFixed(1)} times as fast${also}`;
      const lost = all.reduce((sum, m) => sum + m.lost, 0);
      const twice = all.reduce((sum, m) => sum + m.duplicates, 0);
      const summary: Measurement = {
        system: name,
        workload: '',
        messagesPerSecond: rate(name),
        cpuMicrosPerMessage: Object.fromEntries(
          Object.keys(all[0]?.cpuMicrosPerMessage ?? {}).map((part) => [
            part,
            mid((m) => m.cpuMicrosPerMessage[part] ?? 0),
          ]),
        ),
        lost,
        duplicates: twice,
        acceptP50Ms: all[0]?.acceptP50Ms === undefined ? undefined : mid((m) => m.acceptP50Ms ?? 0),
        acceptP99Ms: all[0]?.acceptP99Ms === undefined ? undefined : mid((m) => m.acceptP99Ms ?? 0),
      };
      process.stdout.write(`  ${line(summary)}${ratio}\n`);
    }
  }
}

function of(work: Workload, system: string): Measurement[] {
  return measured.filter((m) => m.workload === work.name && m.system === system);
}
