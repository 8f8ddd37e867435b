import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { MailgunSettings } from '../../../src/sending/transports/http/mailgun-settings.js';
import { MailgunTransport } from '../../../src/sending/transports/http/mailgun-transport.js';
import { testMailgunSettings } from '../../support/mailgun-settings.js';
import { MAILGUN_DOMAIN, mailgunError, MailgunStandIn } from '../../support/mailgun-stand-in.js';
import { outgoing, testEnvelope } from '../../support/outgoing-mail.js';
import { waitFor } from '../../support/wait-for.js';

const MAIL = outgoing(Buffer.from('Subject: x\r\n\r\ntext\r\n'));

describe('MailgunTransport', () => {
  let standIn: MailgunStandIn;
  let transport: MailgunTransport;

  function transportWith(changes: Partial<MailgunSettings> = {}): MailgunTransport {
    transport = new MailgunTransport(testMailgunSettings(standIn.http.baseUrl, { maxConnections: 3, ...changes }));
    return transport;
  }

  beforeEach(async () => {
    standIn = await MailgunStandIn.start();
  });

  afterEach(async () => {
    await transport.close();
    await standIn.http.close();
  });

  it('sends one recipient, the octets, no tracking, and the id that events bring back', async () => {
    const result = await transportWith().handOver(testEnvelope({ to: 'b@to.test' }), MAIL);
    expect(result).toEqual({
      outcome: 'accepted',
      reply: { code: 200, enhanced: undefined, text: 'Queued. Thank you.' },
      finalDestination: false,
      providerMessageId: `2026.1@${MAILGUN_DOMAIN}`,
    });
    const [mail] = standIn.mails;
    expect(Object.fromEntries(mail?.fields ?? [])).toEqual({
      to: 'b@to.test',
      'o:tracking': 'no',
      'o:tracking-clicks': 'no',
      'o:tracking-opens': 'no',
      'v:postern-id': 'msg_contract',
      'v:postern_recipient': 't_m_0',
    });
    expect(mail?.message.equals(MAIL.raw)).toBe(true);
  });

  it('waits as long as it is told', async () => {
    const text =
      'Domain mg.from.test is not allowed to send: account-requests-per-sec limit exceeded, try again after 120 seconds';
    standIn.answerTo = () => mailgunError(429, text);
    expect(await transportWith().handOver(testEnvelope(), MAIL)).toMatchObject({
      outcome: 'deferred',
      reason: 'RATE_LIMITED',
      reply: { code: 429, text },
      pushback: { scope: 'PROVIDER', retryAfterMs: 120_000 },
    });
  });

  it.each([
    [{ apiKey: 'wrong' }, 401, true],
    [{ domain: 'other.test' }, 404, false],
  ])('keeps the mail when %j is wrong', async (changes, code, answers) => {
    expect(await transportWith(changes).handOver(testEnvelope(), MAIL)).toMatchObject({
      outcome: 'deferred',
      reason: 'PROVIDER_CONFIGURATION',
      reply: { code },
    });
    const probed = await transport.probe();
    // A key that may not look can be one that may send.
    expect(probed.alive).toBe(answers);
    expect(probed.note).toMatch(`the provider answered ${code}`);
  });

  it('is alive with an active domain', async () => {
    expect(await transportWith().probe()).toEqual({ alive: true, note: '' });
    standIn.domainState = 'unverified';
    expect(await transport.probe()).toEqual({ alive: false, note: 'the sending domain is unverified' });
  });

  it('keeps its connections, and no more than it may have', async () => {
    transportWith();
    for (let n = 0; n < 10; n += 1) await transport.handOver(testEnvelope(), MAIL);
    expect(standIn.http.connections).toBe(1);
    await Promise.all(Array.from({ length: 30 }, () => transport.handOver(testEnvelope(), MAIL)));
    expect(standIn.mails).toHaveLength(40);
    expect(standIn.http.connections).toBe(3);
  });

  it('ends idle connections before a server would', async () => {
    await transportWith().handOver(testEnvelope(), MAIL);
    expect(standIn.http.open).toBe(1);
    await waitFor(() => standIn.http.open === 0);
  });

  it('finishes what is on its way before it closes', async () => {
    transportWith();
    const handedOver = Promise.all(Array.from({ length: 9 }, () => transport.handOver(testEnvelope(), MAIL)));
    await transport.close();
    expect(new Set((await handedOver).map(({ outcome }) => outcome))).toEqual(new Set(['accepted']));
  });
});
