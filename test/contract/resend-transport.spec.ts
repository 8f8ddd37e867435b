import type { ResendEmail } from '../../src/sending/transports/http/resend-email.js';
import { ResendTransport } from '../../src/sending/transports/http/resend-transport.js';
import { testEnvelope } from '../support/outgoing-mail.js';
import { RESEND_KEY, resendErrorAnswer, ResendStandIn } from '../support/resend-stand-in.js';
import { RELAY_TLS, TEST_CA } from '../support/tls-fixture.js';
import { SMTP_SPEECH, type TakenFields, type TransportHarness, transportContract } from './transport.contract-suite.js';

async function start(tls?: typeof RELAY_TLS): Promise<TransportHarness> {
  const standIn = await ResendStandIn.start(tls);
  standIn.answerTo = (to) => {
    if (to === 'nobody@to.test') return resendErrorAnswer(422, 'validation_error', 'Invalid `to` field.');
    return to === 'later@to.test' ? resendErrorAnswer(429, 'rate_limit_exceeded', 'Too many requests.') : undefined;
  };
  const transport = new ResendTransport({
    name: 'resend',
    apiKey: RESEND_KEY,
    baseUrl: standIn.http.baseUrl,
    timeoutMs: 10_000,
    maxConnections: 5,
    ca: TEST_CA,
  });
  return {
    transport,
    refused: 'nobody@to.test',
    deferred: 'later@to.test',
    finalDestination: false,
    speech: {
      ...SMTP_SPEECH,
      accepted: { code: 200 },
      refusal: { stage: 'FINAL_REPLY', reply: { code: 422 } },
      deferral: { stage: 'FINAL_REPLY', reply: { code: 429 } },
      namesMails: true,
      carriesRaw: false,
      carriesSender: false,
    },
    envelope: testEnvelope,
    taken: () => Promise.resolve(standIn.mails.map((email) => ({ to: email.to[0], content: fieldsOf(email) }))),
    stop: () => standIn.http.close(),
  };
}

function fieldsOf({ subject, text, html, attachments = [] }: ResendEmail): TakenFields {
  return {
    subject,
    text,
    html,
    attachments: attachments.map(({ filename, content, content_id: contentId }) => ({
      filename,
      content: Buffer.from(content, 'base64'),
      ...(contentId === undefined ? {} : { contentId }),
    })),
  };
}

transportContract('ResendTransport', () => start());
transportContract('ResendTransport over TLS', () => start(RELAY_TLS));
