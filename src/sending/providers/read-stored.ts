import { CannotUnseal, type Sealer } from '../../database/sealer.js';
import { laneOf } from '../../domain/lane.js';
import { encodeId } from '../../domain/opaque-id.js';
import type { Route } from '../../domain/route.js';
import { readProvider, readRoute, type Read } from './provider-document.js';
import type { BrokenProvider, Provider } from './provider.js';
import type { ProviderRow, RouteRow } from './provider.repository.js';
import { joinSecrets, type Secrets, secretsPlace, type SettingsDocument } from './provider-secrets.js';

/** The provider behind a row, or why this process cannot use it. */
export function readStoredProvider(row: ProviderRow, sealer: Sealer): Provider | BrokenProvider {
  const { id, name, kind, state, limits, signing } = row;
  const broken = (problem: string): BrokenProvider => ({
    id,
    name,
    source: 'API',
    kind,
    state,
    signing,
    hasCredentials: row.secrets !== null,
    problem,
  });
  try {
    const settings = settingsOf(row, sealer);
    const read = readProvider({ name, kind, state, limits, signing, settings }, { id, source: 'API' }, []);
    if ('value' in read) return read.value;
    return broken(read.problems.map(({ path, message }) => `${path.join('.')} ${message}`).join(' '));
  } catch (error) {
    return broken(error instanceof CannotUnseal ? error.message : 'The row cannot be read.');
  }
}

/** The settings of a row with its secrets back in their places. Throws CannotUnseal. */
export function settingsOf({ id, settings, secrets }: ProviderRow, sealer: Sealer): SettingsDocument {
  if (secrets === null) return settings;
  return joinSecrets(settings, JSON.parse(sealer.open(secrets, secretsPlace(id)).toString()) as Secrets);
}

export function readStoredRoute(row: RouteRow): Read<Route> {
  const document = {
    tenantId: row.tenant_id === null ? undefined : encodeId('tnt', row.tenant_id),
    lane: row.lane === null ? undefined : laneOf(row.lane),
    senderDomain: row.sender_domain ?? undefined,
    recipientDomain: row.recipient_domain ?? undefined,
    steps: row.steps,
  };
  return readRoute(document, []);
}
