import type { Sealer } from '../../../database/sealer.js';
import type { MadeKind, ProviderState, Signer } from '../../../domain/provider.js';
import { type UserError, userError } from '../../../domain/user-error.js';
import type { DocumentProblem } from '../document-problem.js';
import { readProvider } from '../provider-document.js';
import type { ProviderRow } from '../provider.repository.js';
import { secretsPlace, type SettingsDocument, splitSecrets } from '../provider-secrets.js';

/** A provider as an administrator wants it, secrets among the settings. */
export interface WantedProvider {
  readonly id: string;
  readonly name: string;
  readonly kind: MadeKind;
  readonly state: ProviderState;
  readonly settings: SettingsDocument;
  readonly limits: SettingsDocument;
  readonly signing: Signer;
}

/** The row to write, or everything that is wrong. */
export function providerRow(wanted: WantedProvider, sealer: Sealer): { row: ProviderRow } | { errors: UserError[] } {
  const { id, name, kind, state, limits, signing } = wanted;
  const read = readProvider(
    { name, kind, state, limits, signing, settings: wanted.settings },
    { id, source: 'API' },
    [],
  );
  if ('problems' in read) return { errors: read.problems.map((problem) => toError(problem, kind)) };
  const { open: settings, secrets } = splitSecrets(kind, wanted.settings);
  const [first] = Object.keys(secrets);
  if (first === undefined) return { row: { id, name, kind, state, settings, secrets: null, limits, signing } };
  if (!sealer.canSeal) return { errors: [userError('ENCRYPTION_KEY_MISSING', settingsPath(kind, first.split('.')))] };
  const sealed = sealer.seal(JSON.stringify(secrets), secretsPlace(id));
  return { row: { id, name, kind, state, settings, secrets: sealed, limits, signing } };
}

/** Where a value of the settings stands in a mutation's input. */
export function settingsPath(kind: MadeKind, path: readonly string[]): string[] {
  return ['settings', kind.toLowerCase(), ...path];
}

function toError({ code, path, message }: DocumentProblem, kind: MadeKind): UserError {
  const [first = '', ...rest] = path.map(String);
  const place = first === 'settings' ? settingsPath(kind, rest) : [first, ...rest];
  return userError(code, place, sentence(message));
}

/** Problems are worded to follow a path; alone they begin like any sentence. */
export function sentence(message: string): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}`;
}
