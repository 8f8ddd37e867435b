import type { ResendEmail } from '../../src/sending/transports/http/resend-email.js';
import { ResendTransport } from '../../src/sending/transports/http/resend-transport.js';
import { testResendSettings } from '../support/resend-settings.js';
import { resendErrorAnswer, ResendStandIn } from '../support/resend-stand-in.js';
import { RELAY_TLS, TEST_CA } from '../support/tls-fixture.js';
import { httpHarness } from './transport-harnesses.js';
import { type TakenFields, type TransportHarness, transportContract } from './transport.contract-suite.js';

async function start(tls?: typeof RELAY_TLS): Promise<TransportHarness> {
  const standIn = await ResendStandIn.start(tls);
  return httpHarness({
    transport: new ResendTransport(testResendSettings(standIn.http.baseUrl, { ca: TEST_CA })),
    standIn,
    refusal: resendErrorAnswer(422, 'validation_error', 'Invalid `to` field.'),
    deferral: resendErrorAnswer(429, 'rate_limit_exceeded', 'Too many requests.'),
    takenFrom: (email) => ({ to: email.to[0], content: fieldsOf(email) }),
    lacks: { carriesRaw: false },
  });
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
