import type { MadeKind } from '../../domain/provider.js';

/** Settings as they were given: JSON. */
export type SettingsDocument = Readonly<Record<string, unknown>>;

/** Secrets by the place they have in the settings, such as `auth.password`. */
export type Secrets = Readonly<Record<string, string>>;

/** What of the settings is never shown, logged or stored in clear. */
const SECRET_FIELDS: Readonly<Record<MadeKind, readonly string[]>> = {
  SMTP: ['auth.password', 'auth.accessToken'],
  SES: ['secretAccessKey', 'sessionToken'],
  MAILGUN: ['apiKey', 'webhookSigningKey'],
  RESEND: ['apiKey', 'webhookSecret'],
  DIRECT: [],
};

/** These check what comes from a provider. They are sent to nobody, wherever it is. */
export const CHECKING_SECRETS: ReadonlySet<string> = new Set(['webhookSigningKey', 'webhookSecret']);

/** What the secrets are sealed for: they do not open in the row of another provider. */
export function secretsPlace(id: string): string {
  return `provider.${id}`;
}

export function splitSecrets(kind: MadeKind, settings: SettingsDocument): { open: SettingsDocument; secrets: Secrets } {
  let open = settings;
  const secrets: Record<string, string> = {};
  for (const field of SECRET_FIELDS[kind]) {
    const path = field.split('.');
    const value = valueAt(settings, path);
    if (typeof value !== 'string') continue;
    secrets[field] = value;
    open = withValue(open, path, undefined);
  }
  return { open, secrets };
}

export function joinSecrets(open: SettingsDocument, secrets: Secrets): SettingsDocument {
  return Object.entries(secrets).reduce(
    (settings, [field, value]) => withValue(settings, field.split('.'), value),
    open,
  );
}

function valueAt(document: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, part) => (isDocument(value) ? value[part] : undefined), document);
}

function withValue(
  document: SettingsDocument,
  [first = '', ...rest]: readonly string[],
  value: unknown,
): SettingsDocument {
  const { [first]: before, ...others } = document;
  const after = rest.length === 0 ? value : withValue(isDocument(before) ? before : {}, rest, value);
  return after === undefined ? others : { ...others, [first]: after };
}

function isDocument(value: unknown): value is SettingsDocument {
  return typeof value === 'object' && value !== null;
}
