import { SmtpTransport } from '../../src/sending/transports/smtp/smtp-transport.js';
import { SmtpSink, type SinkOptions } from '../support/smtp-sink.js';
import { testSmtpSettings } from '../support/smtp-settings.js';
import { RELAY_TLS, TEST_CA } from '../support/tls-fixture.js';
import { SMTP_SPEECH, type TransportHarness, transportContract } from './transport.contract-suite.js';
import { testEnvelope } from '../support/outgoing-mail.js';

const REFUSED = 'nobody@to.test';
const DEFERRED = 'later@to.test';
const CHUNKING = ['PIPELINING', 'CHUNKING', '8BITMIME', 'SMTPUTF8', 'ENHANCEDSTATUSCODES'];

async function start(options: SinkOptions): Promise<TransportHarness> {
  const refuse = (to: string): string | undefined => {
    if (to === REFUSED) return '550 5.1.1 no such mailbox';
    return to === DEFERRED ? '451 4.7.1 later' : undefined;
  };
  const sink = await SmtpSink.start({ refuse, ...options });
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
  return {
    transport,
    refused: REFUSED,
    deferred: DEFERRED,
    finalDestination: false,
    speech: SMTP_SPEECH,
    envelope: testEnvelope,
    taken: () => Promise.resolve(sink.mails.map(({ from, to, raw }) => ({ from, to: to[0] ?? '', content: raw }))),
    stop: () => sink.close(),
  };
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
