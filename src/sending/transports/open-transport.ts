import type { Config } from '../../config/config.js';
import type { ProviderKind } from '../../domain/provider.js';
import type { Provider } from '../providers/provider.js';
import type { SandboxTransport } from './sandbox/sandbox-transport.js';
import { SmtpTransport } from './smtp/smtp-transport.js';
import type { Transport } from './transport.js';

/** What transports are made with besides their settings. */
export interface TransportDeps {
  readonly sandbox: SandboxTransport;
  readonly config: Pick<Config, 'smtpConnections'>;
}

/** This release has no adapter for providers of the kind. */
export interface TransportNotAvailable {
  readonly notAvailable: ProviderKind;
}

/** The adapter to a provider. Nothing is connected yet. */
export function openTransport(provider: Provider, deps: TransportDeps): Transport | TransportNotAvailable {
  switch (provider.kind) {
    case 'SANDBOX':
      return deps.sandbox;
    case 'SMTP':
      return new SmtpTransport({
        ...provider.settings,
        name: provider.name,
        maxConnections: provider.limits.maxConnections ?? deps.config.smtpConnections,
      });
    case 'SES':
    case 'MAILGUN':
    case 'RESEND':
    case 'DIRECT':
      return { notAvailable: provider.kind };
  }
}
