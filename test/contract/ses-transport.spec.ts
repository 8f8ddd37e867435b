import { SesTransport } from '../../src/sending/transports/ses/ses-transport.js';
import { testEnvelope } from '../support/outgoing-mail.js';
import { sesError, SesStandIn } from '../support/ses-stand-in.js';
import { testSesSettings } from '../support/ses-settings.js';
import { SMTP_SPEECH, type TransportHarness, transportContract } from './transport.contract-suite.js';

async function start(): Promise<TransportHarness> {
  const standIn = await SesStandIn.start();
  standIn.answerTo = (to) => {
    if (to === 'nobody@to.test') return sesError(400, 'BadRequestException', 'Domain ends with dot');
    const rate = 'Maximum sending rate exceeded.';
    return to === 'later@to.test' ? sesError(429, 'TooManyRequestsException', rate) : undefined;
  };
  return {
    transport: new SesTransport(testSesSettings(standIn.http.baseUrl)),
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
      carriesUtf8: false,
    },
    envelope: testEnvelope,
    taken: () =>
      Promise.resolve(
        standIn.mails.map(({ Destination, raw }) => ({ to: Destination.ToAddresses[0] ?? '', content: raw })),
      ),
    stop: () => standIn.http.close(),
  };
}

transportContract('SesTransport', start);
