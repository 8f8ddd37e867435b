import { describe, expect, it } from '@jest/globals';
import type { SmtpSettings } from '../../../src/sending/transports/smtp/smtp-settings.js';
import { SmtpTransport } from '../../../src/sending/transports/smtp/smtp-transport.js';
import type { HandOverResult, HandOverStage } from '../../../src/sending/transports/transport.js';
import { FaultySmtpServer, type Fault, type Moment, type Script } from '../../support/faulty-smtp-server.js';
import { testSmtpSettings } from '../../support/smtp-settings.js';
import { outgoing, testEnvelope } from '../../support/outgoing-mail.js';

const ENVELOPE = testEnvelope();
const SMALL = Buffer.from('Subject: hello\r\n\r\n.dots and text\r\n');
/** More than every buffer on the way takes: the dot is not written as long as nobody reads. */
const LARGE = Buffer.alloc(16 * 1024 * 1024, 'line of text, 30 characters..\r\n');

/** A slot may be held for all deadlines on the way, and this much longer on a busy machine. */
const AIR_MS = 2500;

interface Case {
  readonly name: string;
  readonly script: Script;
  readonly expected: readonly [HandOverResult['outcome'], HandOverStage | undefined];
  readonly code?: number | undefined;
  readonly settings?: Partial<SmtpSettings>;
  readonly raw?: Buffer;
}

/** A busy machine must not make a relay that answers look silent. */
const LONG = { connectTimeoutMs: 8000, commandTimeoutMs: 8000, finalReplyTimeoutMs: 8000 };

/** For relays that fall silent: every deadline of these is waited for. */
const SHORT = { connectTimeoutMs: 400, commandTimeoutMs: 400, finalReplyTimeoutMs: 600 };

const AUTH = { auth: { method: 'ANY' as const, user: 'u', pass: 'p' }, tls: 'off' as const };
const STAGE: Record<Exclude<Moment, 'body'>, HandOverStage> = {
  greeting: 'GREETING',
  ehlo: 'EHLO',
  starttls: 'TLS',
  auth: 'AUTH',
  mail: 'MAIL',
  rcpt: 'RCPT',
  data: 'DATA',
  final: 'FINAL_REPLY',
};
const MOMENTS = Object.keys(STAGE) as (keyof typeof STAGE)[];
const BEFORE_MAIL: readonly Moment[] = ['greeting', 'ehlo', 'starttls', 'auth'];

function extensionsFor(at: Moment, pipelining: boolean): string[] {
  const extensions = pipelining ? ['PIPELINING', '8BITMIME'] : ['8BITMIME'];
  if (at === 'starttls') extensions.push('STARTTLS');
  if (at === 'auth') extensions.push('AUTH PLAIN');
  return extensions;
}

/** What a moment needs to be reached at all. */
function settingsFor(at: Moment): Partial<SmtpSettings> {
  if (at === 'auth') return AUTH;
  return at === 'starttls' ? { tls: 'required' } : {};
}

/** One fault at every moment: without a reply it is in doubt after the dot and deferred before. */
function everywhere(name: string, fault: Fault, pipelining = true, deadlines: Partial<SmtpSettings> = {}): Case[] {
  return MOMENTS.map((at) => ({
    name: `${name} at ${at}${pipelining ? '' : ' without pipelining'}`,
    script: { at, fault, extensions: extensionsFor(at, pipelining) },
    expected: [at === 'final' ? 'in_doubt' : 'deferred', STAGE[at]],
    settings: { ...deadlines, ...settingsFor(at) },
  }));
}

function refusals(code: number, pipelining: boolean): Case[] {
  return MOMENTS.map((at) => ({
    name: `${code} at ${at}${pipelining ? '' : ' without pipelining'}`,
    // A server that refuses MAIL or RCPT refuses what is pipelined behind it as well.
    script: {
      at,
      fault: { reply: `${code} ${Math.floor(code / 100)}.7.1 no\r\n` },
      extensions: extensionsFor(at, pipelining),
      also: at === 'mail' || at === 'rcpt' ? { data: { reply: '503 5.5.1 no\r\n' } } : {},
    },
    expected: [code >= 500 && !BEFORE_MAIL.includes(at) ? 'refused' : 'deferred', STAGE[at]],
    code,
    settings: settingsFor(at),
  }));
}

const CASES: Case[] = [
  ...everywhere('hang', 'hang', true, SHORT),
  ...everywhere('hang', 'hang', false, SHORT),
  ...everywhere('reset', 'reset'),
  ...everywhere('reset', 'reset', false),
  ...everywhere('FIN', 'fin'),
  ...everywhere('FIN', 'fin', false),
  ...everywhere('half-close', 'half-close'),
  ...everywhere('endless continuation', 'endless'),
  ...everywhere('endless line', 'huge'),
  ...everywhere('drip', { drip: '250 2.0.0 slower than any deadline\r\n', everyMs: 300 }, true, SHORT),
  ...everywhere('garbage', { reply: 'HELLO WORLD\r\n', afterwards: 'silence' }, true, SHORT),
  ...everywhere('half a code, then FIN', { reply: '25', afterwards: 'fin' }),
  ...refusals(550, true),
  ...refusals(450, true),
  ...refusals(421, true),
  ...refusals(550, false),
  ...refusals(421, false),
  {
    name: 'unfinished 250 line after the dot, then FIN',
    script: { at: 'final', fault: { reply: '250 2.0.0 O', afterwards: 'fin' } },
    expected: ['in_doubt', 'FINAL_REPLY'],
  },
  {
    name: 'unfinished 550 line, then FIN',
    script: { at: 'rcpt', fault: { reply: '550 5.1.1 unkn', afterwards: 'fin' } },
    expected: ['refused', 'RCPT'],
    code: 550,
  },
  {
    name: 'more replies to EHLO than one',
    script: { at: 'ehlo', fault: { reply: '250 faulty.test\r\n250 2.1.0 Ok\r\n' } },
    expected: ['deferred', 'EHLO'],
  },
  {
    name: 'more replies to MAIL than one',
    script: { at: 'mail', fault: { reply: '250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n' }, extensions: [] },
    expected: ['deferred', 'RCPT'],
  },
  {
    name: '354 and 250 at once: nothing has been written that could have been taken',
    script: { at: 'data', fault: { reply: '354 go on\r\n250 2.0.0 Ok\r\n' } },
    expected: ['deferred', 'BODY'],
  },
  {
    name: '250, then reset',
    script: { at: 'final', fault: { reply: '250 2.0.0 Ok\r\n', afterwards: 'reset' } },
    expected: ['accepted', undefined],
    code: 250,
  },
  {
    name: '250 dripped within the deadline',
    script: { at: 'final', fault: { drip: '250 2.0.0 Ok\r\n', everyMs: 20 } },
    expected: ['accepted', undefined],
    code: 250,
  },
  {
    name: '354 instead of a final reply',
    script: { at: 'final', fault: { reply: '354 go on\r\n' } },
    expected: ['in_doubt', 'FINAL_REPLY'],
  },
  {
    name: '552 after the dot',
    script: { at: 'final', fault: { reply: '552 5.3.4 too big\r\n' } },
    expected: ['refused', 'FINAL_REPLY'],
    code: 552,
  },
  {
    name: 'reset while the body is being written',
    script: { at: 'body', fault: 'reset' },
    expected: ['deferred', 'BODY'],
    raw: LARGE,
  },
  {
    name: 'FIN while the body is being written',
    script: { at: 'body', fault: 'fin' },
    expected: ['deferred', 'BODY'],
    raw: LARGE,
  },
  {
    name: '250 while the body is being written',
    script: { at: 'body', fault: { reply: '250 2.0.0 Ok\r\n', afterwards: 'fin' } },
    expected: ['deferred', 'BODY'],
    raw: LARGE,
  },
  {
    name: 'a relay that stops reading the body',
    script: { at: 'body', fault: 'hang' },
    settings: SHORT,
    expected: ['deferred', 'BODY'],
    raw: LARGE.subarray(0, 8 * 1024 * 1024),
  },
  {
    name: '552 while the body is being written',
    script: { at: 'body', fault: { reply: '552 5.3.4 too big\r\n', afterwards: 'silence' } },
    expected: ['refused', 'BODY'],
    code: 552,
    raw: LARGE,
  },
  {
    name: '354 although the recipient was refused, then a reply to the lone dot',
    script: { at: 'rcpt', fault: { reply: '550 5.1.1 unknown\r\n' }, also: { final: { reply: '554 5.5.1 no\r\n' } } },
    expected: ['refused', 'RCPT'],
    code: 550,
  },
  {
    name: '354 although the recipient was refused, then silence',
    script: { at: 'rcpt', fault: { reply: '550 5.1.1 unknown\r\n' }, also: { final: 'hang' } },
    expected: ['refused', 'RCPT'],
    code: 550,
  },
  {
    name: '354 although the sender was refused',
    script: { at: 'mail', fault: { reply: '451 4.7.1 later\r\n' }, also: { rcpt: { reply: '503 5.5.1 no\r\n' } } },
    expected: ['deferred', 'MAIL'],
    code: 451,
  },
  {
    name: 'refused recipient, then a reset',
    script: { at: 'rcpt', fault: { reply: '550 5.1.1 unknown\r\n' }, also: { data: 'reset' } },
    expected: ['refused', 'RCPT'],
    code: 550,
  },
  {
    name: '530 to MAIL: our settings, not the mail',
    script: { at: 'mail', fault: { reply: '530 5.7.0 authenticate first\r\n' } },
    expected: ['deferred', 'MAIL'],
    code: 530,
  },
  {
    name: 'STARTTLS stripped although required',
    script: { at: 'starttls', fault: { reply: '502 5.5.1 not known\r\n' }, extensions: ['PIPELINING'] },
    settings: { tls: 'required' },
    expected: ['deferred', 'TLS'],
    code: 502,
  },
  {
    name: 'STARTTLS granted, then silence',
    script: { at: 'starttls', fault: { reply: '220 go\r\n', afterwards: 'silence' }, extensions: ['STARTTLS'] },
    settings: { ...SHORT, tls: 'required' },
    expected: ['deferred', 'TLS'],
  },
  {
    name: 'STARTTLS granted, then no TLS',
    script: { at: 'starttls', fault: { reply: '220 go\r\n' }, extensions: ['STARTTLS'] },
    settings: { tls: 'required' },
    expected: ['deferred', 'TLS'],
  },
  {
    name: 'silence where TLS is to begin',
    script: { at: 'greeting', fault: 'hang' },
    settings: { ...SHORT, secure: true },
    expected: ['deferred', 'TLS'],
  },
  {
    name: 'authentication not offered',
    script: { at: 'auth', fault: 'hang', extensions: ['PIPELINING'] },
    settings: AUTH,
    expected: ['deferred', 'AUTH'],
  },
  {
    name: 'credentials without TLS are not sent',
    script: { at: 'auth', fault: 'hang', extensions: ['PIPELINING', 'AUTH PLAIN'] },
    settings: { auth: { method: 'ANY', user: 'u', pass: 'p' }, tls: 'opportunistic' },
    expected: ['deferred', 'AUTH'],
  },
];

/** Hands one message over to a server that follows the script. */
async function handOver(test: Pick<Case, 'script' | 'settings' | 'raw'>) {
  const server = await FaultySmtpServer.start(test.script);
  const settings = testSmtpSettings({ port: server.port, maxConnections: 1, ...LONG, ...test.settings });
  const transport = new SmtpTransport(settings);
  try {
    const started = Date.now();
    const result = await transport.handOver(ENVELOPE, outgoing(test.raw ?? SMALL));
    const { connectTimeoutMs, commandTimeoutMs, finalReplyTimeoutMs } = settings;
    const deadline = connectTimeoutMs + 2 * commandTimeoutMs + finalReplyTimeoutMs;
    return { result, late: Date.now() - started - deadline, complete: server.complete };
  } finally {
    await transport.close();
    await server.close();
  }
}

describe('SmtpTransport meets a faulty relay', () => {
  it.concurrent.each(CASES)('$name', async ({ expected, code, ...test }) => {
    const { result, late, complete } = await handOver(test);

    expect([result.outcome, 'stage' in result ? result.stage : undefined]).toEqual(expected);
    if (code !== undefined) expect('reply' in result ? result.reply?.code : undefined).toBe(code);
    // Certainly not sent: what the server counted agrees, unless it answered the dot itself.
    if (result.outcome === 'deferred' && result.reply === undefined) expect(complete).toBe(0);
    expect(late).toBeLessThan(AIR_MS);
  });

  it('says CONNECT when nobody listens', async () => {
    const server = await FaultySmtpServer.start({ at: 'greeting', fault: 'hang' });
    const { port } = server;
    await server.close();
    const transport = new SmtpTransport(testSmtpSettings({ port }));
    expect(await transport.handOver(ENVELOPE, outgoing(SMALL))).toEqual({
      outcome: 'deferred',
      stage: 'CONNECT',
      reply: undefined,
      note: 'ECONNREFUSED',
    });
  });
});
