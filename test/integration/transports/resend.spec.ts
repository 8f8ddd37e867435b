import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ResendSettings } from '../../../src/sending/transports/http/resend-settings.js';
import { ResendTransport } from '../../../src/sending/transports/http/resend-transport.js';
import { composition } from '../../support/composition.js';
import { outgoing, testEnvelope } from '../../support/outgoing-mail.js';
import { testResendSettings } from '../../support/resend-settings.js';
import { resendErrorAnswer, ResendStandIn } from '../../support/resend-stand-in.js';

const mailOf = (text: string) => ({ ...outgoing(Buffer.alloc(0)), composition: composition({ text }) });
const MAIL = mailOf('text');

describe('ResendTransport', () => {
  let standIn: ResendStandIn;
  let transport: ResendTransport;

  function transportWith(changes: Partial<ResendSettings> = {}): ResendTransport {
    transport = new ResendTransport(testResendSettings(`${standIn.http.baseUrl}/`, changes));
    return transport;
  }

  beforeEach(async () => {
    standIn = await ResendStandIn.start();
  });

  afterEach(async () => {
    await transport.close();
    await standIn.http.close();
  });

  it('sends one mail when it is asked again after an answer was lost', async () => {
    standIn.http.fault = { at: 'answered', does: 'reset' };
    expect(await transportWith().handOver(testEnvelope(), MAIL)).toMatchObject({ outcome: 'in_doubt' });
    standIn.http.fault = undefined;
    expect(transport.idempotent).toBe(true);
    const again = await transport.handOver(testEnvelope({ envid: 't.m.0.2' }), MAIL);
    expect(again).toMatchObject({ outcome: 'accepted', providerMessageId: expect.stringMatching(/^49a3999c-/) });
    expect(standIn.mails).toHaveLength(1);
  });

  it('stays in doubt when the mail of the same key was another one, or is under way', async () => {
    await transportWith().handOver(testEnvelope(), MAIL);
    const other = await transport.handOver(testEnvelope(), mailOf('another text'));
    const note = 'the provider answered 409 invalid_idempotent_request';
    expect(other).toEqual({ outcome: 'in_doubt', stage: 'FINAL_REPLY', note });
    standIn.answerTo = () => resendErrorAnswer(409, 'concurrent_idempotent_requests');
    const envelope = testEnvelope({ recipientKey: 'under_way_0' });
    expect(await transport.handOver(envelope, MAIL)).toMatchObject({ outcome: 'in_doubt' });
    expect(standIn.mails).toHaveLength(1);
  });

  it('keeps the mail when the key is wrong, and does not repeat the key', async () => {
    expect(await transportWith({ apiKey: 're_wrong' }).handOver(testEnvelope(), MAIL)).toMatchObject({
      outcome: 'deferred',
      reason: 'PROVIDER_CONFIGURATION',
      reply: { code: 401 },
    });
    expect(await transport.probe()).toMatchObject({ alive: false });
    await transport.close();
    const result = await transportWith({ apiKey: 're_two\nlines' }).handOver(testEnvelope(), MAIL);
    expect(result).toMatchObject({ outcome: 'deferred', stage: 'CONNECT' });
    expect(JSON.stringify(result)).not.toContain('re_two');
  });

  it('is alive with a key that may read, and with one that may only send', async () => {
    expect(await transportWith().probe()).toEqual({ alive: true, note: '' });
    standIn.restricted = true;
    expect(await transport.probe()).toEqual({ alive: true, note: '' });
  });
});
