import { SmtpTransport } from '../../src/sending/transports/smtp/smtp-transport.js';
import { SmtpSink, type SinkOptions } from '../support/smtp-sink.js';
import { testSmtpSettings } from '../support/smtp-settings.js';
import { RELAY_TLS, TEST_CA } from '../support/tls-fixture.js';
import { refuseRecipient, smtpHarness } from './transport-harnesses.js';
import { type TransportHarness, transportContract } from './transport.contract-suite.js';

const CHUNKING = ['PIPELINING', 'CHUNKING', '8BITMIME', 'SMTPUTF8', 'ENHANCEDSTATUSCODES'];

async function start(options: SinkOptions): Promise<TransportHarness> {
  const sink = await SmtpSink.start({ refuse: refuseRecipient, ...options });
  const transport = new SmtpTransport(
    testSmtpSettings({
      port: sink.port,
      secure: options.implicitTls === true,
      tls: options.tls === undefined ? 'off' : 'required',
      ca: TEST_CA,
      connectTimeoutMs: 5000,
      commandTimeoutMs: 5000,
      finalReplyTimeoutMs: 10_000,
    }),
  );
  return smtpHarness(transport, sink, () => sink.close());
}

transportContract('SmtpTransport with pipelining', () => start({}));
transportContract('SmtpTransport without pipelining', () =>
  start({ extensions: ['8BITMIME', 'SMTPUTF8', 'ENHANCEDSTATUSCODES'] }),
);
transportContract('SmtpTransport over STARTTLS', () => start({ tls: RELAY_TLS }));
transportContract('SmtpTransport over TLS', () => start({ tls: RELAY_TLS, implicitTls: true }));
transportContract('SmtpTransport in chunks', () => start({ extensions: CHUNKING }));
transportContract('SmtpTransport in chunks over TLS', () =>
  start({ extensions: CHUNKING, tls: RELAY_TLS, implicitTls: true }),
);
