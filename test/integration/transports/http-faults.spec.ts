import { describe, expect, it } from '@jest/globals';
import { MailgunTransport } from '../../../src/sending/transports/http/mailgun-transport.js';
import { ResendTransport } from '../../../src/sending/transports/http/resend-transport.js';
import { SesTransport } from '../../../src/sending/transports/ses/ses-transport.js';
import type {
  HandOverResult,
  HandOverStage,
  OutgoingMail,
  Transport,
} from '../../../src/sending/transports/transport.js';
import { composition } from '../../support/composition.js';
import { type HttpFault, HttpStandIn } from '../../support/http-stand-in.js';
import { testMailgunSettings } from '../../support/mailgun-settings.js';
import { testEnvelope } from '../../support/outgoing-mail.js';
import { testResendSettings } from '../../support/resend-settings.js';
import { testSesSettings } from '../../support/ses-settings.js';
import { OTHER_TLS, RELAY_TLS, TEST_CA } from '../../support/tls-fixture.js';

const ENVELOPE = testEnvelope();
/** A call may take its deadline, and this much longer on a busy machine. */
const AIR_MS = 2500;
/** For servers that fall silent: long enough for signing large mails side by side. */
const SHORT_MS = 3000;
/** A busy machine must not make a server that answers look silent. */
const LONG_MS = 15_000;

function mailOf(bytes: number): OutgoingMail {
  const raw = Buffer.alloc(bytes, 'line of text, 30 characters..\r\n');
  return { raw, composition: composition({ text: raw.toString() }) };
}
const SMALL = mailOf(64);
/** More than every buffer on the way takes: the last byte is not written as long as nobody reads. */
const LARGE = mailOf(16 * 1024 * 1024);

interface Provider {
  readonly name: string;
  /** What it says when it takes a mail, and when it refuses one. */
  readonly taken: string;
  readonly error: string;
  readonly make: (baseUrl: string, timeoutMs: number) => Transport;
}

const MAILGUN: Provider = {
  name: 'Mailgun',
  taken: '{"id":"<1@x.test>","message":"Queued. Thank you."}',
  error: '{"message":"no"}',
  make: (baseUrl, timeoutMs) =>
    new MailgunTransport(testMailgunSettings(baseUrl, { timeoutMs, maxConnections: 1, ca: TEST_CA })),
};
const RESEND: Provider = {
  name: 'Resend',
  taken: '{"id":"1"}',
  error: '{"statusCode":0,"name":"some_error","message":"no"}',
  make: (baseUrl, timeoutMs) =>
    new ResendTransport(testResendSettings(baseUrl, { timeoutMs, maxConnections: 1, ca: TEST_CA })),
};
const SES: Provider = {
  name: 'SES',
  taken: '{"MessageId":"1"}',
  error: '{"__type":"SomeException","message":"no"}',
  make: (endpoint, timeoutMs) => new SesTransport(testSesSettings(endpoint, { timeoutMs, maxConnections: 1 })),
};

interface Case {
  readonly name: string;
  readonly provider: Provider;
  readonly fault: HttpFault;
  readonly expected: readonly [HandOverResult['outcome'], HandOverStage | undefined];
  readonly code?: number;
  readonly mail?: OutgoingMail;
  readonly timeoutMs?: number;
}

type Rest = Omit<Case, 'name' | 'provider'>;

const head = (status: number, body: string, length = body.length): string =>
  `HTTP/1.1 ${status} X\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n${body}`;

const IN_DOUBT = ['in_doubt', 'FINAL_REPLY'] as const;
const AT_BODY = ['deferred', 'BODY'] as const;

/** With a small mail the last byte is written at once: what is known then is only that it was. */
function connectionFaults(): Record<string, Rest> {
  return {
    'hang at accept': { fault: { at: 'connect', does: 'hang' }, expected: IN_DOUBT, timeoutMs: SHORT_MS },
    'hang at accept, large mail': {
      fault: { at: 'connect', does: 'hang' },
      expected: AT_BODY,
      mail: LARGE,
      timeoutMs: SHORT_MS,
    },
    'reset at accept, large mail': { fault: { at: 'connect', does: 'reset' }, expected: AT_BODY, mail: LARGE },
    'FIN at accept, large mail': { fault: { at: 'connect', does: 'fin' }, expected: AT_BODY, mail: LARGE },
    'hang before the body is read': {
      fault: { at: 'head', does: 'hang' },
      expected: AT_BODY,
      mail: LARGE,
      timeoutMs: SHORT_MS,
    },
    'reset before the body is read': { fault: { at: 'head', does: 'reset' }, expected: AT_BODY, mail: LARGE },
    'FIN before the body is read': { fault: { at: 'head', does: 'fin' }, expected: AT_BODY, mail: LARGE },
    'hang after the request': { fault: { at: 'request', does: 'hang' }, expected: IN_DOUBT, timeoutMs: SHORT_MS },
    'reset after the request': { fault: { at: 'request', does: 'reset' }, expected: IN_DOUBT },
    'FIN after the request': { fault: { at: 'request', does: 'fin' }, expected: IN_DOUBT },
  };
}

function answerFaults({ taken, error }: Provider): Record<string, Rest> {
  return {
    'garbage in place of an answer': {
      fault: { at: 'request', does: { bytes: 'HELLO WORLD\r\n' } },
      expected: IN_DOUBT,
    },
    'half a status line': { fault: { at: 'request', does: { bytes: 'HTTP/1.1 20' } }, expected: IN_DOUBT },
    'a good status with a body of somebody else': {
      fault: { at: 'request', does: { status: 200, body: '<html>Welcome</html>' } },
      expected: IN_DOUBT,
    },
    'a good status without a body': { fault: { at: 'request', does: { status: 200, body: '' } }, expected: IN_DOUBT },
    'a good status and half a body': {
      fault: { at: 'request', does: { bytes: head(200, taken.slice(0, -1), taken.length) } },
      expected: IN_DOUBT,
    },
    'a refusal and half a body': {
      fault: { at: 'request', does: { bytes: head(413, error.slice(0, -1), error.length) } },
      expected: ['refused', 'FINAL_REPLY'],
      code: 413,
    },
    'a good status and a body without an end': { fault: { at: 'request', does: { endless: 200 } }, expected: IN_DOUBT },
    'a refusal and a body without an end': {
      fault: { at: 'request', does: { endless: 413 } },
      expected: ['refused', 'FINAL_REPLY'],
      code: 413,
    },
    'an answer dripped within the deadline': {
      fault: { at: 'request', does: { drip: head(200, taken), everyMs: 1 } },
      expected: ['accepted', undefined],
      code: 200,
    },
    'an answer dripped beyond the deadline': {
      fault: { at: 'request', does: { drip: head(200, taken), everyMs: 100 } },
      expected: IN_DOUBT,
      timeoutMs: SHORT_MS,
    },
    'a good answer before the mail was read': {
      fault: { at: 'head', does: { status: 200, body: taken } },
      expected: AT_BODY,
      mail: LARGE,
    },
    'a refusal before the mail was read': {
      fault: { at: 'head', does: { status: 413, body: error } },
      expected: ['refused', 'BODY'],
      code: 413,
      mail: LARGE,
    },
    'a gateway before the mail was read': {
      fault: { at: 'head', does: { status: 502, body: '' } },
      expected: AT_BODY,
      mail: LARGE,
    },
    'a redirect, which is not followed': {
      fault: { at: 'request', does: { status: 307, headers: { location: 'http://127.0.0.1:1/' }, body: '' } },
      expected: ['deferred', 'FINAL_REPLY'],
      code: 307,
    },
  };
}

function statusFaults({ error }: Provider): Record<string, Rest> {
  const known = (status: number, expected: Case['expected']): [string, Rest] => [
    `${status} in its own words`,
    { fault: { at: 'request', does: { status, body: error } }, expected, code: status },
  ];
  const gateway = (status: number): [string, Rest] => [
    `${status} of a gateway`,
    { fault: { at: 'request', does: { status, body: '<html>upstream</html>' } }, expected: IN_DOUBT },
  ];
  return Object.fromEntries([
    ...[400, 413, 422].map((status) => known(status, ['refused', 'FINAL_REPLY'])),
    ...[401, 402, 403, 404, 405, 408, 409, 418, 429, 500, 503].map((status) =>
      known(status, ['deferred', 'FINAL_REPLY']),
    ),
    ...[500, 502, 503, 504, 520].map(gateway),
  ]);
}

const CASES: Case[] = [MAILGUN, RESEND, SES].flatMap((provider) =>
  Object.entries({ ...connectionFaults(), ...answerFaults(provider), ...statusFaults(provider) }).map(
    ([name, rest]) => ({ name: `${provider.name}: ${name}`, provider, ...rest }),
  ),
);

/** Hands one mail over to a server that fails. */
async function handOver({ provider, fault, mail = SMALL, timeoutMs = LONG_MS }: Omit<Case, 'name' | 'expected'>) {
  const server = await HttpStandIn.start({ fault });
  const transport = provider.make(server.baseUrl, timeoutMs);
  try {
    const started = Date.now();
    const result = await transport.handOver(ENVELOPE, mail);
    return { result, late: Date.now() - started - timeoutMs, complete: server.received.length };
  } finally {
    await transport.close();
    await server.close();
  }
}

const seen = (result: HandOverResult) => [result.outcome, 'stage' in result ? result.stage : undefined];

describe('transports over HTTP meet a faulty provider', () => {
  it.concurrent.each(CASES)('$name', async ({ expected, code, ...test }) => {
    const { result, late, complete } = await handOver(test);
    expect(seen(result)).toEqual(expected);
    if (code !== undefined) expect('reply' in result ? result.reply?.code : undefined).toBe(code);
    // Certainly not sent: the server agrees that it never had the whole request, unless it said so itself.
    if (result.outcome === 'deferred' && result.reply === undefined) expect(complete).toBe(0);
    expect(late).toBeLessThan(AIR_MS);
  });

  describe.each([MAILGUN, RESEND])('$name and TLS', (provider) => {
    async function overTls(tls: { key: string; cert: string }, fault?: HttpFault) {
      const server = await HttpStandIn.start({ tls, ...(fault === undefined ? {} : { fault }) });
      const transport = provider.make(server.baseUrl, LONG_MS);
      const result = await transport.handOver(ENVELOPE, SMALL);
      await transport.close();
      await server.close();
      return { result, received: server.received.length };
    }

    it('gives up on a certificate in the name of another host', async () => {
      const note = 'ERR_TLS_CERT_ALTNAME_INVALID';
      const { result, received } = await overTls(OTHER_TLS);
      expect(result).toMatchObject({ outcome: 'deferred', stage: 'TLS', reason: 'TLS', note });
      // Neither the mail nor the key.
      expect(received).toBe(0);
    });

    it('gives up on a server that speaks no TLS, and on one that says nothing', async () => {
      for (const does of [{ bytes: 'HTTP/1.1 400 Bad Request\r\n\r\n' }, 'hang', 'reset'] as const) {
        const server = await HttpStandIn.start({ fault: { at: 'connect', does } });
        const transport = provider.make(server.baseUrl.replace('http:', 'https:'), 800);
        expect(seen(await transport.handOver(ENVELOPE, SMALL))).toEqual(['deferred', 'TLS']);
        await transport.close();
        await server.close();
      }
    });

    it('is in doubt after the request as without TLS', async () => {
      const { result, received } = await overTls(RELAY_TLS, { at: 'request', does: 'reset' });
      expect(seen(result)).toEqual(IN_DOUBT);
      expect(received).toBe(1);
    });
  });

  it.each([MAILGUN, RESEND, SES])('$name: CONNECT when nobody listens', async ({ make }) => {
    const server = await HttpStandIn.start();
    const { baseUrl } = server;
    await server.close();
    const transport = make(baseUrl, LONG_MS);
    const expected = { outcome: 'deferred', stage: 'CONNECT', reply: undefined, note: 'ECONNREFUSED' };
    expect(await transport.handOver(ENVELOPE, SMALL)).toEqual(expected);
    expect(await transport.probe()).toEqual({ alive: false, note: 'ECONNREFUSED' });
    await transport.close();
  });

  it.each([MAILGUN, RESEND, SES])('$name: CONNECT when no connection becomes free in time', async ({ make }) => {
    const server = await HttpStandIn.start({ fault: { at: 'request', does: 'hang' } });
    const transport = make(server.baseUrl, 1000);
    const [first, second] = await Promise.all([1, 2].map(() => transport.handOver(ENVELOPE, SMALL)));
    expect([first, second].map((result) => result && seen(result))).toEqual([IN_DOUBT, ['deferred', 'CONNECT']]);
    expect(server.received).toHaveLength(1);
    await transport.close();
    await server.close();
  });
});
