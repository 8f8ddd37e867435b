import { SesTransport } from '../../src/sending/transports/ses/ses-transport.js';
import { testSesSettings } from '../support/ses-settings.js';
import { sesError, SesStandIn } from '../support/ses-stand-in.js';
import { httpHarness } from './transport-harnesses.js';
import { type TransportHarness, transportContract } from './transport.contract-suite.js';

async function start(): Promise<TransportHarness> {
  const standIn = await SesStandIn.start();
  return httpHarness({
    transport: new SesTransport(testSesSettings(standIn.http.baseUrl)),
    standIn,
    refusal: sesError(400, 'BadRequestException', 'Domain ends with dot'),
    deferral: sesError(429, 'TooManyRequestsException', 'Maximum sending rate exceeded.'),
    takenFrom: ({ Destination, raw }) => ({ to: Destination.ToAddresses[0] ?? '', content: raw }),
    lacks: { carriesUtf8: false },
  });
}

transportContract('SesTransport', start);
