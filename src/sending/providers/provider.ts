import type {
  MadeKind,
  ProviderKind,
  ProviderLimits,
  ProviderSource,
  ProviderState,
  Signer,
} from '../../domain/provider.js';
import type { ProviderSettings } from './provider-settings.js';

interface ProviderOf<K extends ProviderKind> {
  /** Of its row; a configured one has none. */
  readonly id: string | undefined;
  /** Unique, recorded with each attempt, never changed. */
  readonly name: string;
  readonly source: ProviderSource;
  readonly kind: K;
  readonly state: ProviderState;
  readonly limits: ProviderLimits;
  readonly signing: Signer;
  readonly settings: ProviderSettings<K>;
}

/** A provider ready to be used; kind tells what its settings are. */
export type Provider = { readonly [K in ProviderKind]: ProviderOf<K> }[ProviderKind];

/** A stored provider that cannot be used, and why. */
export interface BrokenProvider extends Pick<ProviderOf<MadeKind>, 'name' | 'source' | 'kind' | 'state' | 'signing'> {
  readonly id: string;
  readonly hasCredentials: boolean;
  readonly problem: string;
}
