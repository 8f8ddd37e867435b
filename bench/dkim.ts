/**
 * `node bench/dkim.ts [--rounds 5]` after a build: the cost of a DKIM signature in front of a finished message, by us, by
 * mailauth and by nodemailer. All alternate; the figures are medians of the rounds.
 */
import { type KeyObject, generateKeyPairSync, sign } from 'node:crypto';
import { parseArgs } from 'node:util';
import { dkimSign } from 'mailauth/lib/dkim/sign.js';
import DKIM from 'nodemailer/lib/dkim';
import type { DkimAlgorithm } from '../src/domain/dkim/dkim-signature.js';
import { bodies, median } from './workload.ts';

const at = (path: string): string => new URL(`../dist/src/${path}`, import.meta.url).href;
const { completeSignature, digestMessage, unsignedSignature } = (await import(
  at('domain/dkim/dkim-signature.js')
)) as typeof import('../src/domain/dkim/dkim-signature.js');
const { signDkim } = (await import(
  at('identities/sign/dkim-key-pair.js')
)) as typeof import('../src/identities/sign/dkim-key-pair.js');

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });
const rounds = Number(values.rounds);

/** As many as a lane has slots. */
const IN_FLIGHT = 8;
const DOMAIN = 'bench.test';

interface Key {
  readonly algorithm: DkimAlgorithm;
  readonly object: KeyObject;
  readonly pem: string;
}

function makeKey(algorithm: DkimAlgorithm): Key {
  const { privateKey } =
    algorithm === 'RSA' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ed25519');
  return { algorithm, object: privateKey, pem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

function message(bytes: number): Buffer {
  const { text, html } = bodies(bytes);
  return Buffer.from(
    [
      'Date: Fri, 27 Nov 2026 10:00:00 +0000',
      'From: "The Shop" <shop@bench.test>',
      'To: "Ada Lovelace" <ada@example.org>',
      'Subject: Your order',
      'Message-ID: <019a0000-0000-7000-8000-000000000001@bench.test>',
      'List-Unsubscribe: <https://bench.test/leave/1>',
      'List-Unsubscribe-Post: List-Unsubscribe=One-Click',
      'MIME-Version: 1.0',
      'Content-Type: multipart/alternative; boundary="=_1"',
      '',
      '--=_1',
      'Content-Type: text/plain; charset=utf-8',
      '',
      text,
      '--=_1',
      'Content-Type: text/html; charset=utf-8',
      '',
      html,
      '--=_1--',
      '',
    ].join('\r\n'),
  );
}

function prepared(raw: Buffer, algorithm: DkimAlgorithm) {
  return unsignedSignature(digestMessage(raw), { domain: DOMAIN, selector: 's', algorithm, signedAt: new Date() });
}

function oursSync(raw: Buffer, { algorithm, object }: Key): Buffer {
  const unsigned = prepared(raw, algorithm);
  const value = sign(algorithm === 'RSA' ? 'sha256' : null, unsigned.data, object);
  return Buffer.concat([Buffer.from(completeSignature(unsigned, value)), raw]);
}

async function ours(raw: Buffer, { algorithm, object }: Key): Promise<Buffer> {
  const unsigned = prepared(raw, algorithm);
  const value = await signDkim(algorithm, unsigned.data, object);
  return Buffer.concat([Buffer.from(completeSignature(unsigned, value)), raw]);
}

async function mailauth(raw: Buffer, { pem }: Key): Promise<Buffer> {
  const key = { signingDomain: DOMAIN, selector: 's', privateKey: pem };
  // Its types ask for the key beside signatureData, its code looks for it there only.
  const { signatures } = await dkimSign(raw, { canonicalization: 'relaxed/relaxed', ...key, signatureData: [key] });
  if (signatures === '') throw new Error('mailauth did not sign');
  return Buffer.concat([Buffer.from(signatures), raw]);
}

async function nodemailer(raw: Buffer, { pem }: Key): Promise<Buffer> {
  const signed = new DKIM({ domainName: DOMAIN, keySelector: 's', privateKey: pem }).sign(raw);
  const chunks: Buffer[] = [];
  for await (const chunk of signed) chunks.push(chunk as Buffer);
  const all = Buffer.concat(chunks);
  if (!all.subarray(0, 15).equals(Buffer.from('DKIM-Signature:'))) throw new Error('nodemailer did not sign');
  return all;
}

interface Cost {
  readonly cpu: number;
  readonly perSecond: number;
}

async function measure(times: number, inFlight: number, work: () => unknown): Promise<Cost> {
  let left = times;
  const caller = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const result = work();
      if (result instanceof Promise) await result;
    }
  };
  const [cpuBefore, start] = [process.cpuUsage(), performance.now()];
  await Promise.all(Array.from({ length: inFlight }, caller));
  const { user, system } = process.cpuUsage(cpuBefore);
  return { cpu: (user + system) / times, perSecond: times / ((performance.now() - start) / 1000) };
}

const rsa = makeKey('RSA');
const ed25519 = makeKey('ED25519');
const small = message(2000);
const large = message(20_000);

const rows: readonly (readonly [name: string, times: number, inFlight: number, work: () => unknown])[] = [
  ['2 KB: hashing alone, without a key', 5000, 1, () => prepared(small, 'RSA')],
  ['20 KB: hashing alone, without a key', 1000, 1, () => prepared(large, 'RSA')],
  ['2 KB RSA-2048, ours, sync', 300, 1, () => oursSync(small, rsa)],
  ['2 KB RSA-2048, ours, async, 8 in flight', 600, IN_FLIGHT, () => ours(small, rsa)],
  ['2 KB RSA-2048, mailauth', 200, 1, () => mailauth(small, rsa)],
  ['2 KB RSA-2048, nodemailer', 200, 1, () => nodemailer(small, rsa)],
  ['2 KB Ed25519, ours, sync', 2000, 1, () => oursSync(small, ed25519)],
  ['2 KB Ed25519, ours, async, 8 in flight', 2000, IN_FLIGHT, () => ours(small, ed25519)],
  ['2 KB Ed25519, mailauth', 300, 1, () => mailauth(small, ed25519)],
];

console.log('DKIM signature'.padEnd(42), 'CPU us'.padStart(8), 'a second'.padStart(9));
const costs = new Map<string, Cost[]>(rows.map(([name]) => [name, []]));
// The first round warms all up and is not counted.
for (let round = 0; round <= rounds; round += 1) {
  for (const [name, times, inFlight, work] of rows) {
    const cost = await measure(times, inFlight, work);
    if (round > 0) costs.get(name)?.push(cost);
  }
}
for (const [name, measured] of costs) {
  const cpu = median(measured.map((cost) => cost.cpu));
  const perSecond = median(measured.map((cost) => cost.perSecond));
  console.log(name.padEnd(42), cpu.toFixed(1).padStart(8), perSecond.toFixed(0).padStart(9));
}
