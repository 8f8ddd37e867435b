import { SmtpSink } from '../support/smtp-sink.js';
import { testEnvelope } from '../support/outgoing-mail.js';
import { DirectRig, mailZone } from '../integration/transports/direct-rig.js';
import { SMTP_SPEECH, type TransportHarness, transportContract } from './transport.contract-suite.js';

const REFUSED = 'nobody@to.test';
const DEFERRED = 'later@to.test';

async function start(): Promise<TransportHarness> {
  const rig = await DirectRig.start();
  const refuse = (to: string): string | undefined => {
    if (to === REFUSED) return '550 5.1.1 no such mailbox';
    return to === DEFERRED ? '451 4.7.1 later' : undefined;
  };
  const sink: SmtpSink = await rig.sink('127.0.0.2', { refuse });
  rig.know(mailZone('to.test', { 'mx.to.test': '127.0.0.2' }));
  return {
    transport: rig.transport({ connectTimeoutMs: 5000, commandTimeoutMs: 5000, finalReplyTimeoutMs: 10_000 }),
    refused: REFUSED,
    deferred: DEFERRED,
    finalDestination: false,
    speech: SMTP_SPEECH,
    envelope: testEnvelope,
    taken: () => Promise.resolve(sink.mails.map(({ from, to, raw }) => ({ from, to: to[0] ?? '', content: raw }))),
    stop: async () => {
      await rig.clear();
      await rig.stop();
    },
  };
}

transportContract('DirectTransport', start);
