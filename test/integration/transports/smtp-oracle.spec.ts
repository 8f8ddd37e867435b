import { describe, expect, it } from '@jest/globals';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { HandOverResult } from '../../../src/sending/transports/transport.js';
import { FaultySmtpServer } from '../../support/faulty-smtp-server.js';
import { handOverCase } from '../../support/hand-over-case.js';
import {
  FAULT_CASES,
  type FaultCase,
  LONG_DEADLINES,
  SINGLE_FAULT_CASES,
  SMALL_MAIL,
} from '../../support/smtp-fault-cases.js';

/** What nodemailer says of a message. */
interface Verdict {
  readonly sent: boolean;
  readonly responseCode: number | undefined;
  /** nodemailer's own code where no reply told; the same before and after the final dot. */
  readonly error: string | undefined;
}

/**
 * Its errors without a reply's code: the same whether the relay had the message or not. The last is
 * our name for a relay that drips, which it waits for as long as bytes come.
 */
const CANNOT_TELL = [
  'ETIMEDOUT',
  'ESOCKET',
  'ECONNECTION',
  'EPROTOCOL',
  'ETLS',
  'EAUTH',
  'EENVELOPE',
  'EMESSAGE',
  'DRIPPING',
];

/** Where it is wrong, what it says, and what is true. */
const WRONG: readonly { readonly cases: RegExp; readonly theirs: Partial<Verdict>; readonly ours: object }[] = [
  {
    // Of two replies it takes the second for that to the message, of which it has not written an octet.
    cases: /^354 and 250 at once/,
    theirs: { sent: true },
    ours: { outcome: 'deferred', stage: 'BODY' },
  },
  {
    // All that follows is taken for the reply to another command: here 354 for that to the message.
    cases: /^more replies to/,
    theirs: { sent: false, responseCode: 354, error: 'EMESSAGE' },
    ours: { outcome: 'deferred' },
  },
  {
    // No refusal (RFC 5321 section 4.2.1): nothing says that the relay has not taken what it has.
    cases: /^354 instead of a final reply/,
    theirs: { sent: false, responseCode: 354, error: 'EMESSAGE' },
    ours: { outcome: 'in_doubt' },
  },
];

/** The same message to the same relay by nodemailer's own dialogue, whatever of it is one. */
async function sendByNodemailer({ script, settings = {}, raw = SMALL_MAIL }: FaultCase): Promise<Verdict> {
  const server = await FaultySmtpServer.start(script);
  const { connectTimeoutMs, commandTimeoutMs, finalReplyTimeoutMs } = { ...LONG_DEADLINES, ...settings };
  const connection = new SMTPConnection({
    host: '127.0.0.1',
    port: server.port,
    secure: settings.secure === true,
    requireTLS: settings.tls === 'required',
    ignoreTLS: settings.tls === 'off',
    name: 'client.test',
    tls: { rejectUnauthorized: true },
    connectionTimeout: connectTimeoutMs,
    greetingTimeout: connectTimeoutMs,
    socketTimeout: commandTimeoutMs,
    socketCloseTimeout: 0,
    maxResponseSize: 64 * 1024,
  });
  try {
    return await new Promise((resolve) => {
      const failed = (error: SmtpError): void =>
        resolve({ sent: false, responseCode: error.responseCode, error: error.code });
      // It measures idleness, so one that drips is waited for without end: ours is the deadline here too.
      const timer = setTimeout(
        () => resolve({ sent: false, responseCode: undefined, error: 'DRIPPING' }),
        connectTimeoutMs + 2 * commandTimeoutMs + finalReplyTimeoutMs,
      );
      timer.unref();
      const send = (): void =>
        connection.send({ from: 'a@from.test', to: ['b@to.test'] }, raw, (error) => {
          if (error === null) resolve({ sent: true, responseCode: undefined, error: undefined });
          else failed(error);
        });
      connection.on('error', failed);
      connection.on('end', () => failed({ code: 'ECONNECTION' }));
      connection.connect((error) => {
        if (error !== undefined) failed(error);
        else if (settings.auth === undefined) send();
        else connection.login({ user: 'u', pass: 'p' }, (refusal) => (refusal === null ? send() : failed(refusal)));
      });
    });
  } finally {
    connection.close();
    await server.close();
  }
}

/** Where we do not even begin: it has no such rule. */
const OURS_ALONE = /^credentials without TLS|^authentication not offered/;

interface SmtpError {
  readonly code?: string | undefined;
  readonly responseCode?: number | undefined;
}

function codeOf(result: HandOverResult): number | undefined {
  return 'reply' in result ? result.reply?.code : undefined;
}

/** Whether the case is one that it gets wrong. */
const wrongIn = ({ name }: FaultCase) => WRONG.find(({ cases }) => cases.test(name));

const both = (test: FaultCase) => Promise.all([handOverCase(test), sendByNodemailer(test)]);

describe('SmtpTransport against nodemailer’s dialogue', () => {
  const cases = [...FAULT_CASES, ...SINGLE_FAULT_CASES].filter(({ name }) => !OURS_ALONE.test(name));

  it.concurrent.each(cases.filter((test) => wrongIn(test) === undefined))('agrees on: $name', async (test) => {
    const [{ result, complete }, theirs] = await both(test);

    expect(result.outcome === 'accepted').toBe(theirs.sent);
    if (theirs.responseCode !== undefined) expect(codeOf(result)).toBe(theirs.responseCode);
    if (theirs.sent || theirs.responseCode !== undefined) return;
    expect(CANNOT_TELL).toContain(theirs.error);
    // It cannot tell, we can: in doubt exactly if the relay had the whole message, or was written it in one.
    if (complete === 1) expect(result.outcome).toBe('in_doubt');
    else if (test.way !== 'in one write') expect(result.outcome).not.toBe('in_doubt');
  });

  it.concurrent.each(cases.filter((test) => wrongIn(test) !== undefined))('knows better: $name', async (test) => {
    const [{ result, complete }, theirs] = await both(test);
    const { theirs: expected, ours } = wrongIn(test) ?? {};

    expect(theirs).toMatchObject(expected ?? {});
    expect(result).toMatchObject(ours ?? {});
    if (result.outcome !== 'in_doubt') expect(complete).toBe(0);
  });
});
