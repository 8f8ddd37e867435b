/**
 * `node bench/mime.ts [--rounds 7]` after a build: CPU time to build the MIME text of one message, with our renderer and
 * with nodemailer's composer. The two alternate; the figures are medians of the rounds.
 */
import { parseArgs } from 'node:util';
import MailComposer from 'nodemailer/lib/mail-composer';
import type { EmailAddress } from '../src/domain/email-address.js';
import type { Composition } from '../src/domain/message-draft.js';
import { bodies, median } from './workload.ts';

const built = new URL('../dist/src/sending/render/render-message.js', import.meta.url);
const { renderMessage } = (await import(built.href)) as typeof import('../src/sending/render/render-message.js');

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '7' } } });
const rounds = Number(values.rounds);

interface Case {
  readonly name: string;
  readonly bytes: number;
  /** What the filler is made into before it is sent. */
  readonly edit: (text: string) => string;
  readonly html: 'given' | 'alone';
}

const same = (text: string): string => text;
const cases: readonly Case[] = [
  { name: '2 KB text and HTML, ASCII', bytes: 2000, edit: same, html: 'given' },
  { name: '2 KB text and HTML, Latin', bytes: 2000, edit: (text) => text.replaceAll('fox', 'Füchse'), html: 'given' },
  {
    name: '2 KB text and HTML, Japanese',
    bytes: 2000,
    edit: (text) => text.replaceAll(/[a-z]{3}/g, '日'),
    html: 'given',
  },
  { name: '2 KB HTML alone (we add a text)', bytes: 2000, edit: same, html: 'alone' },
  { name: '20 KB text and HTML, ASCII', bytes: 20_000, edit: same, html: 'given' },
  {
    name: '20 KB text and HTML, Latin',
    bytes: 20_000,
    edit: (text) => text.replaceAll('fox', 'Füchse'),
    html: 'given',
  },
];

const address = (local: string): EmailAddress => ({
  local,
  domain: 'bench.test',
  value: `${local}@bench.test`,
  utf8Local: false,
});

function compose({ bytes, edit, html }: Case, n: number): Composition {
  const body = bodies(bytes);
  // Through a buffer: flat strings of their own, as they come from a database.
  const fresh = (text: string): string => Buffer.from(`${edit(text)}${n}`).toString();
  return {
    from: { address: address('shop'), name: 'The Shop' },
    to: [{ address: address(`ada${n}`), name: 'Ada Lovelace' }],
    cc: [],
    replyTo: [],
    subject: `Your order ${n}`,
    text: html === 'alone' ? undefined : fresh(body.text),
    html: fresh(body.html),
    headers: [
      ['List-Unsubscribe', `<https://bench.test/leave/${n}>`],
      ['List-Unsubscribe-Post', 'List-Unsubscribe=One-Click'],
    ],
    attachments: [],
    messageIdHeader: `019a0000-0000-7000-8000-${String(n).padStart(12, '0')}@bench.test`,
    date: new Date(1_795_000_000_000 + n),
    correlationId: `msg_${String(n).padStart(32, '0')}`,
  };
}

async function composeAsUsual(c: Composition): Promise<Buffer> {
  const mailbox = ({ address: { value }, name = '' }: Composition['from']) => ({ address: value, name });
  const composer = new MailComposer({
    from: mailbox(c.from),
    to: c.to.map(mailbox),
    subject: c.subject,
    text: c.text,
    html: c.html,
    headers: Object.fromEntries(c.headers),
    messageId: `<${c.messageIdHeader}>`,
    date: c.date,
  });
  return composer.compile().build();
}

async function cpuMicros(times: number, work: (i: number) => unknown): Promise<number> {
  const before = process.cpuUsage();
  for (let i = 0; i < times; i += 1) {
    const result = work(i);
    if (result instanceof Promise) await result;
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / times;
}

async function measure(item: Case): Promise<{ ours: number; usual: number }> {
  const messages = Array.from({ length: 500 }, (_, n) => compose(item, n));
  const pick = (i: number): Composition => messages[i % messages.length] ?? compose(item, i);
  const often = item.html === 'alone' ? 1000 : Math.round(20_000_000 / item.bytes);
  const ours: number[] = [];
  const usual: number[] = [];
  // The first round warms both up and is not counted.
  for (let round = 0; round <= rounds; round += 1) {
    ours[round] = await cpuMicros(often, (i) => renderMessage(pick(i)));
    usual[round] = await cpuMicros(200, (i) => composeAsUsual(pick(i)));
  }
  return { ours: median(ours.slice(1)), usual: median(usual.slice(1)) };
}

console.log(
  'CPU microseconds per message'.padEnd(36),
  'Postern'.padStart(9),
  'nodemailer'.padStart(11),
  'ratio'.padStart(7),
);
for (const item of cases) {
  const { ours, usual } = await measure(item);
  const columns = [ours.toFixed(1).padStart(9), usual.toFixed(0).padStart(11), (usual / ours).toFixed(1).padStart(7)];
  console.log(item.name.padEnd(36), ...columns);
}
