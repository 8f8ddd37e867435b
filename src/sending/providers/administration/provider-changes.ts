import { Inject, Injectable, Logger } from '@nestjs/common';
import { Pools } from '../../../database/pools.js';
import { CannotUnseal, Sealer } from '../../../database/sealer.js';
import { Signals } from '../../../database/signals.js';
import type { Transaction } from '../../../database/transaction.js';
import { newUuidV7 } from '../../../database/uuid-v7.js';
import type { Principal } from '../../../domain/principal.js';
import {
  defaultSigner,
  type MadeKind,
  providerNameProblem,
  type ProviderState,
  type Signer,
} from '../../../domain/provider.js';
import { type UserError, userError } from '../../../domain/user-error.js';
import { CONFIGURED_PROVIDERS, type ConfiguredProviders } from '../configured-providers.js';
import { ProviderDirectory } from '../provider-directory.js';
import { type ProviderRow, ProviderRepository } from '../provider.repository.js';
import { CHECKING_SECRETS, type SettingsDocument, splitSecrets } from '../provider-secrets.js';
import type { BrokenProvider, Provider } from '../provider.js';
import { readStoredProvider, settingsOf } from '../read-stored.js';
import { mergeSettings } from './merge-settings.js';
import { providerRow, sentence, settingsPath } from './provider-row.js';

/** What is asked for; settings and limits that are null or undefined stay, or take their default. */
export interface ProviderRequest {
  readonly name: string;
  readonly kind: MadeKind;
  readonly settings: object;
  readonly limits: object | undefined;
  readonly signing: Signer | undefined;
}

export type ProviderChange = Pick<ProviderRequest, 'name' | 'limits' | 'signing'> & {
  readonly settings: { readonly kind: MadeKind; readonly patch: object } | undefined;
};

type Refused = { readonly errors: UserError[] };
type Changed = { readonly provider: Provider | BrokenProvider } | Refused;

/** Where credentials are sent. */
const ADDRESS_FIELDS = ['host', 'port', 'endpoint', 'baseUrl'] as const;

/** Makes, changes and removes providers. Every process knows of it before the next message. */
@Injectable()
export class ProviderChanges {
  private readonly logger = new Logger(ProviderChanges.name);

  constructor(
    private readonly pools: Pools,
    private readonly repository: ProviderRepository,
    private readonly directory: ProviderDirectory,
    private readonly sealer: Sealer,
    private readonly signals: Signals,
    @Inject(CONFIGURED_PROVIDERS) private readonly configured: ConfiguredProviders,
  ) {}

  create(
    by: Principal,
    { name, kind, settings, limits, signing = defaultSigner(kind) }: ProviderRequest,
  ): Promise<Changed> {
    const problem = providerNameProblem(name);
    if (problem !== undefined) return refuse(userError('INVALID_VALUE', ['name'], sentence(`the name ${problem}`)));
    if (this.isConfigured(name)) return refuse(userError('NAME_TAKEN', ['name']));
    const wanted = {
      id: newUuidV7(),
      name,
      kind,
      state: 'ACTIVE' as const,
      settings: mergeSettings({}, settings),
      limits: mergeSettings({}, limits ?? {}),
      signing,
    };
    const made = providerRow(wanted, this.sealer);
    if ('errors' in made) return Promise.resolve(made);
    return this.change(by, 'provider made', async (tx) => {
      if ((await this.repository.byName(tx, name)) !== undefined) return [userError('NAME_TAKEN', ['name'])];
      await this.repository.insert(tx, made.row);
      return made.row;
    });
  }

  update(by: Principal, { name, settings, limits, signing }: ProviderChange): Promise<Changed> {
    return this.changeStored(by, name, 'provider changed', async (tx, row) => {
      if (settings !== undefined && settings.kind !== row.kind) {
        const message = `The kind of a provider stays: this one is ${row.kind}.`;
        return [userError('INVALID_VALUE', settingsPath(settings.kind, []), message)];
      }
      const patch = settings?.patch ?? {};
      const before = this.openSettings(row);
      const merged = mergeSettings(before, patch);
      const moved = secretsThatMoved(row.kind, before, merged, patch);
      if (moved.length > 0) return moved;
      const changed = providerRow(
        {
          ...row,
          settings: merged,
          limits: mergeSettings(row.limits, limits ?? {}),
          signing: signing ?? row.signing,
        },
        this.sealer,
      );
      if ('errors' in changed) return changed.errors;
      await this.repository.update(tx, changed.row);
      return changed.row;
    });
  }

  /** One that is resumed begins anew, whatever was learnt about it before. */
  async setState(by: Principal, name: string, state: ProviderState): Promise<Changed> {
    const what = state === 'DRAINING' ? 'provider drained' : 'provider resumed';
    const changed = await this.changeStored(by, name, what, async (tx, row) => {
      await this.repository.setState(tx, name, state);
      if (state === 'ACTIVE') await this.repository.forgetPaces(tx, name);
      return { ...row, state };
    });
    if (state === 'ACTIVE') this.signals.publish('paces');
    return changed;
  }

  delete(by: Principal, name: string): Promise<Changed> {
    return this.changeStored(by, name, 'provider deleted', async (tx, row) => {
      if (await this.repository.isRouted(tx, name)) return [userError('PROVIDER_IN_USE', ['name'])];
      await this.repository.delete(tx, name);
      return row;
    });
  }

  private isConfigured(name: string): boolean {
    return this.configured.providers.some((provider) => provider.name === name);
  }

  private changeStored(
    by: Principal,
    name: string,
    what: string,
    work: (tx: Transaction, row: ProviderRow) => Promise<ProviderRow | UserError[]>,
  ): Promise<Changed> {
    if (this.isConfigured(name)) return refuse(userError('PROVIDER_READ_ONLY', ['name']));
    return this.change(by, what, async (tx) => {
      const row = await this.repository.byName(tx, name);
      return row === undefined
        ? [userError('NOT_FOUND', ['name'], 'There is no provider of that name.')]
        : work(tx, row);
    });
  }

  private async change(
    by: Principal,
    what: string,
    work: (tx: Transaction) => Promise<ProviderRow | UserError[]>,
  ): Promise<Changed> {
    const done = await this.pools.transaction(this.pools.main, async (tx) => {
      await this.repository.lock(tx);
      return work(tx);
    });
    if (Array.isArray(done)) return { errors: done };
    this.logger.log({ msg: what, provider: done.name, byKeyId: by.keyId });
    this.signals.publish('providers');
    await this.directory.reload();
    return { provider: readStoredProvider(done, this.sealer) };
  }

  /** Secrets that cannot be opened any more are lost: they have to be given again. */
  private openSettings(row: ProviderRow): SettingsDocument {
    try {
      return settingsOf(row, this.sealer);
    } catch (error) {
      if (error instanceof CannotUnseal) return row.settings;
      throw error;
    }
  }
}

/**
 * Whoever may point a provider to another host must not thereby get at the secrets that were given
 * for the first one.
 */
function secretsThatMoved(
  kind: MadeKind,
  before: SettingsDocument,
  merged: SettingsDocument,
  patch: object,
): UserError[] {
  if (ADDRESS_FIELDS.every((field) => before[field] === merged[field])) return [];
  const given = splitSecrets(kind, mergeSettings({}, patch)).secrets;
  const sent = Object.keys(splitSecrets(kind, merged).secrets).filter((field) => !CHECKING_SECRETS.has(field));
  const kept = sent.filter((field) => !(field in given));
  const message = 'Give it again: it would be sent to another place than the one it was given for.';
  return kept.map((field) => userError('REQUIRED', settingsPath(kind, field.split('.')), message));
}

function refuse(error: UserError): Promise<Refused> {
  return Promise.resolve({ errors: [error] });
}
