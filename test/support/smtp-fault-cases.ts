import type { SmtpSettings } from '../../src/sending/transports/smtp/smtp-settings.js';
import type { HandOverResult, HandOverStage } from '../../src/sending/transports/transport.js';
import type { Fault, Moment, Script } from './faulty-smtp-server.js';

export const SMALL_MAIL = Buffer.from('Subject: hello\r\n\r\n.dots and text\r\n');
/** More than every buffer on the way takes: the dot is not written as long as nobody reads. */
const LARGE = Buffer.alloc(16 * 1024 * 1024, 'line of text, 30 characters..\r\n');

/** How the commands and the message leave, and what the relay offers for it. */
const WAYS = {
  stepwise: ['8BITMIME'],
  pipelined: ['PIPELINING', '8BITMIME'],
  'in chunks': ['PIPELINING', '8BITMIME', 'CHUNKING'],
  'in one write': ['PIPELINING', '8BITMIME', 'CHUNKING'],
} as const;
type Way = keyof typeof WAYS;
const ALL_WAYS = Object.keys(WAYS) as Way[];

export interface FaultCase {
  readonly name: string;
  readonly script: Script;
  readonly expected: readonly [HandOverResult['outcome'], HandOverStage | undefined];
  readonly code?: number | undefined;
  readonly settings?: Partial<SmtpSettings>;
  readonly raw?: Buffer;
  /** Default: pipelined. */
  readonly way?: Way;
}

const NO_RECIPIENT: Fault = { reply: '503 5.5.1 no\r\n' };

/** A busy machine must not make a relay that answers look silent. */
export const LONG_DEADLINES = { connectTimeoutMs: 8000, commandTimeoutMs: 8000, finalReplyTimeoutMs: 8000 };

/** For relays that fall silent: every deadline of these is waited for. */
const SHORT = { connectTimeoutMs: 500, commandTimeoutMs: 500, finalReplyTimeoutMs: 600 };

const AUTH = { auth: { method: 'ANY', user: 'u', pass: 'p' }, tls: 'off' } as const;
const STAGE: Record<Exclude<Moment, 'body' | 'noop'>, HandOverStage> = {
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

function extensionsFor(at: Moment, way: Way): string[] {
  const extensions: string[] = [...WAYS[way]];
  if (at === 'starttls') extensions.push('STARTTLS');
  if (at === 'auth') extensions.push('AUTH PLAIN');
  return extensions;
}

/** What a moment needs to be reached at all. */
function settingsFor(at: Moment): Partial<SmtpSettings> {
  if (at === 'auth') return AUTH;
  return at === 'starttls' ? { tls: 'required' } : {};
}

/** Until MAIL all ways are one; in one write nothing is asked before the message. */
function momentsOf(way: Way): (keyof typeof STAGE)[] {
  if (way === 'pipelined') return MOMENTS;
  return MOMENTS.filter((at) => !BEFORE_MAIL.includes(at) && !(way === 'in one write' && at === 'data'));
}

/** One fault at every moment: without a reply it is in doubt once all octets are written, and deferred before. */
function everywhere(name: string, fault: Fault, deadlines: Partial<SmtpSettings> = {}): FaultCase[] {
  return ALL_WAYS.flatMap((way) =>
    momentsOf(way).map((at) => ({
      name: `${name} at ${at}, ${way}`,
      way,
      script: { at, fault, extensions: extensionsFor(at, way) },
      expected:
        at === 'final' || (way === 'in one write' && !BEFORE_MAIL.includes(at))
          ? ['in_doubt', 'FINAL_REPLY']
          : ['deferred', STAGE[at]],
      settings: { ...deadlines, ...settingsFor(at) },
    })),
  );
}

function refusals(code: number): FaultCase[] {
  // A connection used before that is closing at MAIL is replaced, in whatever way the message goes.
  const replaced = (at: Moment, way: Way): boolean => code === 421 && at === 'mail' && way === 'in one write';
  return ALL_WAYS.flatMap((way) =>
    momentsOf(way)
      .filter((at) => !replaced(at, way))
      .map((at) => ({
        name: `${code} at ${at}, ${way}`,
        way,
        // A server that refuses MAIL or RCPT refuses what is pipelined behind it as well.
        script: {
          at,
          fault: { reply: `${code} ${Math.floor(code / 100)}.7.1 no\r\n` },
          extensions: extensionsFor(at, way),
          also: at === 'mail' || at === 'rcpt' ? { data: NO_RECIPIENT, final: NO_RECIPIENT } : {},
        },
        expected: [code >= 500 && !BEFORE_MAIL.includes(at) ? 'refused' : 'deferred', STAGE[at]],
        code,
        settings: settingsFor(at),
      })),
  );
}

/** What may happen while megabytes are on their way. */
function duringUpload(way: Way): FaultCase[] {
  const upload = (name: string, fault: Fault, more: Pick<FaultCase, 'expected'> & Partial<FaultCase>): FaultCase => ({
    name: `${name}, ${way}`,
    way,
    script: { at: 'body', fault, extensions: extensionsFor('body', way) },
    raw: LARGE,
    ...more,
  });
  const notSent = { expected: ['deferred', 'BODY'] } as const;
  return [
    upload('reset while the body is being written', 'reset', notSent),
    upload('FIN while the body is being written', 'fin', notSent),
    upload('250 while the body is being written', { reply: '250 2.0.0 Ok\r\n', afterwards: 'fin' }, notSent),
    upload('a relay that stops reading the body', 'hang', {
      ...notSent,
      settings: { connectTimeoutMs: 2500, commandTimeoutMs: 1500, finalReplyTimeoutMs: 1500 },
      raw: LARGE.subarray(0, 8 * 1024 * 1024),
    }),
    upload(
      '552 while the body is being written',
      { reply: '552 5.3.4 too big\r\n', afterwards: 'silence' },
      { expected: ['refused', 'BODY'], code: 552 },
    ),
  ];
}

/** The last reply, which every way waits for. */
function atTheEnd(way: Way): FaultCase[] {
  const end = (name: string, fault: Fault, more: Pick<FaultCase, 'expected'> & Partial<FaultCase>): FaultCase => ({
    name: `${name}, ${way}`,
    way,
    script: { at: 'final', fault, extensions: extensionsFor('final', way) },
    ...more,
  });
  const inDoubt = { expected: ['in_doubt', 'FINAL_REPLY'] } as const;
  const accepted = { expected: ['accepted', undefined], code: 250 } as const;
  return [
    end('unfinished 250 line after the dot, then FIN', { reply: '250 2.0.0 O', afterwards: 'fin' }, inDoubt),
    end('354 instead of a final reply', { reply: '354 go on\r\n' }, inDoubt),
    end('250, then reset', { reply: '250 2.0.0 Ok\r\n', afterwards: 'reset' }, accepted),
    end('250 dripped within the deadline', { drip: '250 2.0.0 Ok\r\n', everyMs: 20 }, accepted),
    end('552 after the dot', { reply: '552 5.3.4 too big\r\n' }, { expected: ['refused', 'FINAL_REPLY'], code: 552 }),
  ];
}

/** Nobody is left to send it to, whatever the relay makes of the octets. */
function refusedRecipient(way: Way): FaultCase[] {
  const refused = (name: string, also: Script['also']): FaultCase => ({
    name: `${name}, ${way}`,
    way,
    script: { at: 'rcpt', fault: { reply: '550 5.1.1 unknown\r\n' }, also: also ?? {}, extensions: [...WAYS[way]] },
    expected: ['refused', 'RCPT'],
    code: 550,
  });
  return [
    refused('refused recipient, then a reset', { data: 'reset', final: 'reset' }),
    refused('refused recipient, then FIN', { data: 'fin', final: 'fin' }),
    refused('refused recipient, then garbage', { data: { reply: 'HELLO\r\n' }, final: { reply: 'HELLO\r\n' } }),
    {
      ...refused('unfinished 550 line, then FIN', {}),
      script: { at: 'rcpt', fault: { reply: '550 5.1.1 unkn', afterwards: 'fin' }, extensions: [...WAYS[way]] },
    },
  ];
}

/** What can go wrong whatever the connection runs over. */
export const FAULT_CASES: readonly FaultCase[] = [
  ...everywhere('hang', 'hang', SHORT),
  ...everywhere('reset', 'reset'),
  ...everywhere('FIN', 'fin'),
  ...everywhere('half-close', 'half-close'),
  ...everywhere('endless continuation', 'endless'),
  ...everywhere('endless line', 'huge'),
  ...everywhere('drip', { drip: '250 2.0.0 slower than any deadline\r\n', everyMs: 300 }, SHORT),
  ...everywhere('garbage', { reply: 'HELLO WORLD\r\n', afterwards: 'silence' }, SHORT),
  ...everywhere('half a code, then FIN', { reply: '25', afterwards: 'fin' }),
  ...refusals(550),
  ...refusals(450),
  ...refusals(421),
  ...ALL_WAYS.flatMap(atTheEnd),
  ...ALL_WAYS.flatMap(refusedRecipient),
  ...(['stepwise', 'pipelined', 'in chunks'] as const).flatMap(duringUpload),
];

/** What belongs to one way of sending, or to connections in clear. */
export const SINGLE_FAULT_CASES: readonly FaultCase[] = [
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
