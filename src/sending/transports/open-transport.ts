import type { Config } from '../../config/config.js';
import type { Provider } from '../providers/provider.js';
import { type DirectSurroundings, DirectTransport } from './direct/direct-transport.js';
import { MailgunTransport } from './http/mailgun-transport.js';
import { ResendTransport } from './http/resend-transport.js';
import type { SandboxTransport } from './sandbox/sandbox-transport.js';
import { SesTransport } from './ses/ses-transport.js';
import { SmtpTransport } from './smtp/smtp-transport.js';
import type { Transport } from './transport.js';

/** What transports are made with besides their settings. */
export interface TransportDeps {
  readonly sandbox: SandboxTransport;
  readonly direct: DirectSurroundings;
  readonly config: Pick<
    Config,
    'smtpConnections' | 'smtpConnectTimeoutMs' | 'smtpCommandTimeoutMs' | 'smtpFinalReplyTimeoutMs'
  >;
}

/** From the request to the whole answer. Giving up early leaves the mail in doubt. */
const HTTP_TIMEOUT_MS = 60_000;

/** The adapter to a provider. Nothing is connected yet. */
export function openTransport(provider: Provider, { sandbox, direct, config }: TransportDeps): Transport {
  const { name } = provider;
  const maxConnections = provider.limits.maxConnections ?? config.smtpConnections;
  const http = { name, maxConnections, timeoutMs: HTTP_TIMEOUT_MS };
  switch (provider.kind) {
    case 'SANDBOX':
      return sandbox;
    case 'SMTP':
      return new SmtpTransport({ ...provider.settings, name, maxConnections });
    case 'SES':
      return new SesTransport({ ...provider.settings, ...http });
    case 'MAILGUN':
      return new MailgunTransport({ ...provider.settings, ...http });
    case 'RESEND':
      return new ResendTransport({ ...provider.settings, ...http });
    case 'DIRECT': {
      const timeouts = {
        connectTimeoutMs: config.smtpConnectTimeoutMs,
        commandTimeoutMs: config.smtpCommandTimeoutMs,
        finalReplyTimeoutMs: config.smtpFinalReplyTimeoutMs,
      };
      return new DirectTransport({ ...provider.settings, ...timeouts, name, maxConnections }, direct);
    }
  }
}
