import { MailgunTransport } from '../../src/sending/transports/http/mailgun-transport.js';
import { MAILGUN_DOMAIN, MAILGUN_KEY, mailgunError, MailgunStandIn } from '../support/mailgun-stand-in.js';
import { testEnvelope } from '../support/outgoing-mail.js';
import { RELAY_TLS, TEST_CA } from '../support/tls-fixture.js';
import { SMTP_SPEECH, type TransportHarness, transportContract } from './transport.contract-suite.js';

async function start(tls?: typeof RELAY_TLS): Promise<TransportHarness> {
  const standIn = await MailgunStandIn.start(tls);
  standIn.answerTo = (to) => {
    if (to === 'nobody@to.test')
      return mailgunError(400, "'to' parameter is not a valid address. please check documentation");
    const limit =
      'Domain mg.from.test is not allowed to send: account-requests-per-sec limit exceeded, try again after 120 seconds';
    return to === 'later@to.test' ? mailgunError(429, limit) : undefined;
  };
  const transport = new MailgunTransport({
    name: 'mailgun',
    domain: MAILGUN_DOMAIN,
    apiKey: MAILGUN_KEY,
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
      refusal: { stage: 'FINAL_REPLY', reply: { code: 400 } },
      deferral: { stage: 'FINAL_REPLY', reply: { code: 429 } },
      namesMails: true,
      carriesSender: false,
    },
    envelope: testEnvelope,
    taken: () =>
      Promise.resolve(standIn.mails.map(({ fields, message }) => ({ to: fields.get('to') ?? '', content: message }))),
    stop: () => standIn.http.close(),
  };
}

transportContract('MailgunTransport', () => start());
transportContract('MailgunTransport over TLS', () => start(RELAY_TLS));
