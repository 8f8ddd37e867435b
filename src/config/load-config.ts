import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { type Config, configSchema } from './config.js';

/** The settings cannot be used; every problem is named, no value is ever shown. */
export class ConfigError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'ConfigError';
  }
}

/** `smtpUrl` → `POSTERN_SMTP_URL`. */
export function variableName(field: string): string {
  return `POSTERN_${field.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/**
 * Reads every POSTERN_ variable, reports all problems at once and refuses names it does not know,
 * so that a misspelt variable is not silently ignored.
 */
export function loadConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const problems: string[] = [];
  const values: Record<string, string> = {};
  const fields = new Map(Object.keys(configSchema.shape).map((field) => [variableName(field), field]));
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith('POSTERN_') || value === undefined || value === '') continue;
    const direct = fields.get(name);
    const fromFile = name.endsWith('_FILE') ? fields.get(name.slice(0, -'_FILE'.length)) : undefined;
    const field = direct ?? fromFile;
    if (field === undefined) {
      problems.push(`${name}: is not a setting of Postern; see docs/configuration.md for the names.`);
      continue;
    }
    const text = direct === undefined ? readSecret(name, value, problems) : value;
    if (text === undefined) continue;
    // A blank would be read as the number 0.
    if (text.trim() === '') problems.push(`${name}: is blank; leave it out for the default.`);
    else if (field in values) problems.push(`${variableName(field)}: is given twice, by itself and by its _FILE.`);
    else values[field] = text;
  }
  const parsed = configSchema.safeParse(values);
  if (!parsed.success) problems.push(...parsed.error.issues.map(describeIssue));
  else problems.push(...contradictions(parsed.data));
  if (problems.length > 0 || !parsed.success) throw new ConfigError(problems);
  return Object.freeze(parsed.data);
}

function readSecret(name: string, path: string, problems: string[]): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    problems.push(`${name}: the file it names cannot be read.`);
    return undefined;
  }
}

/** Zod's own messages quote the bad value for some checks, so only the rule is told; those of `custom` are ours. */
function describeIssue(issue: z.core.$ZodIssue): string {
  const name = variableName(String(issue.path[0]));
  switch (issue.code) {
    case 'too_small':
      return issue.origin === 'string'
        ? `${name}: must have at least ${issue.minimum} characters.`
        : `${name}: must be at least ${issue.minimum}.`;
    case 'too_big':
      return `${name}: must be at most ${issue.maximum}.`;
    case 'invalid_value':
      return `${name}: must be one of ${issue.values.join(', ')}.`;
    case 'invalid_format':
      return `${name}: must be a URL of the form postgres://user:password@host:5432/name.`;
    case 'custom':
      return `${name}: ${issue.message}`;
    default:
      return `${name}: must be a whole number.`;
  }
}

function contradictions(config: Config): string[] {
  const problems: string[] = [];
  if (config.smtpUrl !== undefined && config.smtpTls === 'off') {
    const { protocol, password } = new URL(config.smtpUrl);
    if (protocol === 'smtps:') {
      problems.push('POSTERN_SMTP_TLS: "off" contradicts POSTERN_SMTP_URL, which begins with smtps://.');
    } else if (password !== '') {
      problems.push('POSTERN_SMTP_TLS: "off" would send the password of POSTERN_SMTP_URL in clear; use required.');
    }
  }
  const slots = config.slotsOtp + config.slotsTransactional + config.slotsNotification + config.slotsBulk;
  if (config.smtpConnections < slots) {
    problems.push(`POSTERN_SMTP_CONNECTIONS: must be at least ${slots}, the sum of the POSTERN_SLOTS_ settings.`);
  }
  if (config.maxBodyBytes > config.maxMessageBytes) {
    problems.push('POSTERN_MAX_BODY_BYTES: must not exceed POSTERN_MAX_MESSAGE_BYTES.');
  }
  return problems;
}
