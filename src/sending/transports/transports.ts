import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import { MAGIC_DOMAIN } from './sandbox/magic-addresses.js';
import { SandboxTransport } from './sandbox/sandbox-transport.js';
import { smtpSettingsFrom } from './smtp/smtp-settings.js';
import { SmtpTransport } from './smtp/smtp-transport.js';
import type { Transport } from './transport.js';

/** Every transport there is, and which of them a message takes. */
@Injectable()
export class Transports implements OnApplicationShutdown {
  private readonly relay: Transport | undefined;

  constructor(
    private readonly sandbox: SandboxTransport,
    @Inject(CONFIG) config: Config,
  ) {
    const settings = smtpSettingsFrom(config);
    this.relay = settings === undefined ? undefined : new SmtpTransport(settings);
  }

  /**
   * The way for one recipient: mail of test keys and mail to the magic domain stays in the sandbox,
   * the rest goes to the relay. Undefined when there is none.
   */
  pick(mail: { readonly sandbox: boolean; readonly domain: string }): Transport | undefined {
    return mail.sandbox || mail.domain === MAGIC_DOMAIN ? this.sandbox : this.relay;
  }

  /** Those that may have mail to carry; for probes. */
  open(): readonly Transport[] {
    return this.relay === undefined ? [] : [this.relay];
  }

  async close(): Promise<void> {
    await Promise.all([this.sandbox.close(), this.relay?.close()]);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.close();
  }
}
