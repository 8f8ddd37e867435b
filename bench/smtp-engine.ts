/**
 * `node bench/smtp-engine.ts [--rounds 5] [--messages 20000]` after a build: messages a second and CPU time of the
 * client alone, 2 KB over 20 connections to one sink, through our SMTP engine, through nodemailer's
 * `SMTPConnection`, and through Postfix's `smtp-source`. All alternate; the figures are medians of the rounds.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { cpuSeconds } from './cpu-time.ts';
import { NextHop } from './next-hop.ts';
import { bodies, median, recipient } from './workload.ts';

const built = new URL('../dist/src/sending/transports/smtp/smtp-transport.js', import.meta.url);
const { SmtpTransport } = (await import(
  built.href
)) as typeof import('../src/sending/transports/smtp/smtp-transport.js');

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, messages: { type: 'string', default: '20000' } },
});
const rounds = Number(values.rounds);
const messages = Number(values.messages);

const CONNECTIONS = 20;
const BYTES = 2000;
const SMTP_SOURCE = '/usr/sbin/smtp-source';
const FROM = 'a@bench.test';

const { text, html } = bodies(BYTES);
const raw = Buffer.from(`Subject: bench\r\nFrom: ${FROM}\r\n\r\n${text}\r\n${html}`.slice(0, BYTES - 2).concat('\r\n'));

interface Client {
  readonly name: string;
  /** Sends messages with the numbers from 0 to `count`, and ends its connections. */
  send(count: number): Promise<void>;
}

/** Lets each connection send one message after the other until all numbers are taken. */
async function overAll(count: number, send: (n: number) => Promise<void>): Promise<void> {
  let next = 0;
  const connection = async (): Promise<void> => {
    for (let n = next++; n < count; n = next++) await send(n);
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
}

function ours(port: number): Client['send'] {
  return async (count) => {
    const timeouts = { connectTimeoutMs: 10_000, commandTimeoutMs: 30_000, finalReplyTimeoutMs: 30_000 };
    const limits = { maxConnections: CONNECTIONS, messagesPerConnection: 1_000_000, idleMs: 30_000 };
    const transport = new SmtpTransport({
      name: 'bench',
      host: '127.0.0.1',
      port,
      secure: false,
      tls: 'off',
      auth: undefined,
      ca: undefined,
      ehloName: 'bench.test',
      address: undefined,
      sourceAddress: undefined,
      ...timeouts,
      ...limits,
    });
    const mail = { raw, composition: undefined as never };
    await overAll(count, async (n) => {
      const envelope = { from: FROM, to: recipient(n), smtpUtf8: false, envid: '', lane: 'OTP', recipientKey: '' };
      const result = await transport.handOver(envelope as Parameters<typeof transport.handOver>[0], mail);
      if (result.outcome !== 'accepted') throw new Error(result.note);
    });
    await transport.close();
  };
}

function nodemailers(port: number): Client['send'] {
  return async (count) => {
    const connect = async (): Promise<SMTPConnection> => {
      const connection = new SMTPConnection({ host: '127.0.0.1', port, ignoreTLS: true, name: 'bench.test' });
      await new Promise<void>((resolve, reject) =>
        connection.connect((error) => (error === undefined ? resolve() : reject(error))),
      );
      return connection;
    };
    const free = await Promise.all(Array.from({ length: CONNECTIONS }, connect));
    await overAll(count, async (n) => {
      const connection = free.pop();
      if (connection === undefined) throw new Error('more messages at once than connections');
      await new Promise<void>((resolve, reject) =>
        connection.send({ from: FROM, to: [recipient(n)] }, raw, (error) =>
          error === null ? resolve() : reject(error),
        ),
      );
      free.push(connection);
    });
    for (const connection of free) connection.quit();
  };
}

function smtpSource(port: number): Client['send'] {
  return async (count) => {
    const size = ['-l', String(BYTES), '-s', String(CONNECTIONS), '-m', String(count)];
    const args = ['-N', '-d', ...size, '-f', FROM, '-t', 'b@bench.test', `127.0.0.1:${port}`];
    const source = spawn(SMTP_SOURCE, args, { stdio: 'ignore' });
    const code = await new Promise((resolve) => source.once('exit', resolve));
    if (code !== 0) throw new Error(`smtp-source ended with ${String(code)}`);
  };
}

interface Measured {
  readonly perSecond: number;
  readonly cpuMicros: number;
  /** Of one core. */
  readonly sinkShare: number;
}

async function measure(client: Client, hop: NextHop, count: number): Promise<Measured> {
  await hop.reset();
  const [all, sink] = [cpuSeconds([process.pid]), cpuSeconds([hop.pid])];
  const start = performance.now();
  await client.send(count);
  const seconds = (performance.now() - start) / 1000;
  const sinkSeconds = cpuSeconds([hop.pid]) - sink;
  const clientSeconds = cpuSeconds([process.pid]) - all - sinkSeconds;
  const { unique, received } = await hop.waitFor(count, 10_000);
  if (unique !== count || received !== count)
    throw new Error(`${client.name}: ${unique} of ${count}, ${received} copies`);
  return { perSecond: count / seconds, cpuMicros: (clientSeconds / count) * 1e6, sinkShare: sinkSeconds / seconds };
}

const plain = await NextHop.start();
const chunking = await NextHop.start(['CHUNKING']);
const clients: { readonly client: Client; readonly hop: NextHop }[] = [
  { client: { name: 'Postern, DATA', send: ours(plain.port) }, hop: plain },
  { client: { name: 'Postern, BDAT', send: ours(chunking.port) }, hop: chunking },
  { client: { name: 'nodemailer SMTPConnection', send: nodemailers(plain.port) }, hop: plain },
];
if (existsSync(SMTP_SOURCE)) {
  clients.unshift({ client: { name: `smtp-source -d -s ${CONNECTIONS}`, send: smtpSource(plain.port) }, hop: plain });
} else {
  process.stdout.write('Postfix is not installed: there is no smtp-source to compare with.\n');
}

const measured = new Map<string, Measured[]>(clients.map(({ client }) => [client.name, []]));
// The first round warms all up and is not counted.
for (let round = 0; round <= rounds; round += 1) {
  for (const { client, hop } of round % 2 === 0 ? clients : clients.toReversed()) {
    const result = await measure(client, hop, round === 0 ? Math.ceil(messages / 4) : messages);
    if (round > 0) measured.get(client.name)?.push(result);
  }
}

const of = (name: string, value: keyof Measured): number => median((measured.get(name) ?? []).map((m) => m[value]));
const baseline = clients[0]?.client.name ?? '';
process.stdout.write(
  `${messages} messages of ${BYTES} bytes over ${CONNECTIONS} connections, medians of ${rounds} rounds\n`,
);
process.stdout.write(
  `${'client'.padEnd(28)}${'a second'.padStart(10)}${'ratio'.padStart(8)}${'CPU us'.padStart(9)}${'sink'.padStart(8)}\n`,
);
for (const { client } of clients) {
  const perSecond = of(client.name, 'perSecond');
  const columns = [
    perSecond.toFixed(0).padStart(10),
    (perSecond / of(baseline, 'perSecond')).toFixed(2).padStart(8),
    of(client.name, 'cpuMicros').toFixed(0).padStart(9),
    `${(of(client.name, 'sinkShare') * 100).toFixed(0)} %`.padStart(8),
  ];
  process.stdout.write(`${client.name.padEnd(28)}${columns.join('')}\n`);
}
plain.stop();
chunking.stop();
