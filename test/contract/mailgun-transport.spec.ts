import { MailgunTransport } from '../../src/sending/transports/http/mailgun-transport.js';
import { testMailgunSettings } from '../support/mailgun-settings.js';
import { mailgunError, MailgunStandIn } from '../support/mailgun-stand-in.js';
import { RELAY_TLS, TEST_CA } from '../support/tls-fixture.js';
import { httpHarness } from './transport-harnesses.js';
import { type TransportHarness, transportContract } from './transport.contract-suite.js';

const LIMIT =
  'Domain mg.from.test is not allowed to send: account-requests-per-sec limit exceeded, try again after 120 seconds';

async function start(tls?: typeof RELAY_TLS): Promise<TransportHarness> {
  const standIn = await MailgunStandIn.start(tls);
  return httpHarness({
    transport: new MailgunTransport(testMailgunSettings(standIn.http.baseUrl, { ca: TEST_CA })),
    standIn,
    refusal: mailgunError(400, "'to' parameter is not a valid address. please check documentation"),
    deferral: mailgunError(429, LIMIT),
    takenFrom: ({ fields, message }) => ({ to: fields.get('to') ?? '', content: message }),
  });
}

transportContract('MailgunTransport', () => start());
transportContract('MailgunTransport over TLS', () => start(RELAY_TLS));
