import { Injectable } from '@nestjs/common';
import { chooseProviders } from '../../domain/choose-providers.js';
import { SANDBOX } from '../../domain/provider.js';
import type { RoutedMail } from '../../domain/route.js';
import { ProviderDirectory } from '../providers/provider-directory.js';
import type { Provider } from '../providers/provider.js';
import { MAGIC_DOMAIN } from '../transports/sandbox/magic-addresses.js';
import type { Transport } from '../transports/transport.js';
import { Transports } from '../transports/transports.js';

/** A provider a message may take. */
export interface ProviderWay {
  readonly provider: Provider;
  readonly transport: Transport;
}

/** What decides about the way of a recipient's mail. */
export interface Traveller extends RoutedMail {
  readonly sandbox: boolean;
  /** The same key goes the same way. */
  readonly key: string;
  /** The only provider that may be asked. */
  readonly only: string | undefined;
}

/** Finds the providers for a recipient, the first choice first. */
@Injectable()
export class WayFinder {
  constructor(
    private readonly directory: ProviderDirectory,
    private readonly transports: Transports,
  ) {}

  /**
   * Mail of test keys and mail to the magic domain stays in the sandbox. For live mail without a way
   * the directory is read once more: a message can be here before the route that was made for it.
   */
  async find(mail: Traveller): Promise<readonly ProviderWay[]> {
    if (mail.sandbox || mail.recipientDomain === MAGIC_DOMAIN) return this.ways([SANDBOX]);
    const found = this.live(mail);
    if (found.length > 0) return found;
    await this.directory.reload();
    return this.live(mail);
  }

  private live(mail: Traveller): readonly ProviderWay[] {
    // A doubt is put to the one provider that can resolve it, also while that is being drained.
    if (mail.only !== undefined) return this.ways([mail.only]);
    const route = this.directory.routeFor(mail);
    const names = route === undefined ? [] : chooseProviders(route, mail.key);
    return this.ways(names).filter((way) => way.provider.state === 'ACTIVE');
  }

  private ways(names: readonly string[]): readonly ProviderWay[] {
    return names.flatMap((name) => {
      const provider = this.directory.provider(name);
      const transport = this.transports.transport(name);
      return provider === undefined || transport === undefined ? [] : [{ provider, transport }];
    });
  }
}
