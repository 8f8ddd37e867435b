import { DirectRig, mailZone } from '../integration/transports/direct-rig.js';
import { refuseRecipient, smtpHarness } from './transport-harnesses.js';
import { type TransportHarness, transportContract } from './transport.contract-suite.js';

async function start(): Promise<TransportHarness> {
  const rig = await DirectRig.start();
  const sink = await rig.sink('127.0.0.2', { refuse: refuseRecipient });
  rig.know(mailZone('to.test', { 'mx.to.test': '127.0.0.2' }));
  const deadlines = { connectTimeoutMs: 5000, commandTimeoutMs: 5000, finalReplyTimeoutMs: 10_000 };
  return smtpHarness(rig.transport(deadlines), sink, async () => {
    await rig.clear();
    await rig.stop();
  });
}

transportContract('DirectTransport', start);
