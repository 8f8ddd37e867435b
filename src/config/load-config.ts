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
    if (direct !== undefined) values[direct] = value;
    else if (fromFile !== undefined) readSecret(name, value, fromFile, values, problems);
    else problems.push(`${name}: is not a setting of Postern; see docs/configuration.md for the names.`);
  }
  const parsed = configSchema.safeParse(values);
  if (!parsed.success) problems.push(...parsed.error.issues.map(describeIssue));
  else problems.push(...contradictions(parsed.data));
  if (problems.length > 0 || !parsed.success) throw new ConfigError(problems);
  return Object.freeze(parsed.data);
}

function readSecret(
  name: string,
  path: string,
  field: string,
  values: Record<string, string>,
  problems: string[],
): void {
  try {
    values[field] = readFileSync(path, 'utf8').trim();
  } catch {
    problems.push(`${name}: the file it names cannot be read.`);
  }
}

/** Zod's own messages quote the bad value for some checks, so only the rule is told. */
function describeIssue(issue: z.core.$ZodIssue): string {
  const name = variableName(String(issue.path[0]));
  switch (issue.code) {
    case 'too_small':
      return `${name}: must be at least ${issue.minimum}.`;
    case 'too_big':
      return `${name}: must be at most ${issue.maximum}.`;
    case 'invalid_value':
      return `${name}: must be one of ${issue.values.join(', ')}.`;
    case 'invalid_format':
      if (issue.format === 'regex') return `${name}: does not have the form docs/configuration.md tells.`;
      return `${name}: must be a URL of the form ${name === 'POSTERN_SMTP_URL' ? 'smtp://user:password@host:587' : 'postgres://user:password@host:5432/name'}.`;
    default:
      return `${name}: must be a whole number.`;
  }
}

function contradictions(config: Config): string[] {
  const problems: string[] = [];
  if (config.smtpUrl !== undefined && config.smtpTls === 'off' && new URL(config.smtpUrl).password !== '') {
    problems.push('POSTERN_SMTP_TLS: "off" would send the password of POSTERN_SMTP_URL in clear; use required.');
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
