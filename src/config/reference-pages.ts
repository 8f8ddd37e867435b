import { z } from 'zod';
import { ERRORS } from '../domain/user-error.js';
import { configSchema } from './config.js';
import { variableName } from './load-config.js';

const NOTICE = '<!-- Printed by `npm run docs`; a test compares. Edit the source instead. -->';

interface Property {
  readonly description?: string;
  readonly default?: string | number | boolean;
  readonly enum?: readonly unknown[];
  readonly type?: string;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** docs/configuration.md: every variable with its meaning, form and default. */
export function configurationPage(): string {
  const schema = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' });
  const rows = Object.entries(schema.properties ?? {}).map(([field, property]) => {
    const { description = '', default: fallback, ...form } = property as Property;
    const shown = fallback === undefined ? '' : `\`${String(fallback)}\``;
    return `| \`${variableName(field)}\` | ${description} | ${formOf(form)} | ${shown} |`;
  });
  return `${NOTICE}

# Configuration

Postern is configured by environment variables. All problems are reported at once at start, each with
the variable and never its value, and the exit code is 78. A name that starts with \`POSTERN_\` and is
not listed here is refused. Each variable can also be given as \`POSTERN_X_FILE\`, the path of a file
that holds the value; not both.

| variable | meaning | form | default |
|---|---|---|---|
${rows.join('\n')}
`;
}

/** docs/errors.md: every code a client can meet, with the way out. */
export function errorsPage(): string {
  const sections = Object.entries(ERRORS).map(([code, { when, fix, retryable, where }]) => {
    const place =
      where === 'payload' ? 'In `userErrors` of the mutation.' : 'In the top-level `errors`, under `extensions.code`.';
    const again = retryable ? ' Trying again may help.' : '';
    return `## ${code}\n\n${when} ${place}${again}\n\n**Fix:** ${fix}\n`;
  });
  return `${NOTICE}

# Errors

What a caller can expect and mend is in the payload's \`userErrors\`, each with \`code\`, \`message\`,
\`path\` (the place in the mutation's input), \`retryable\`, \`retryAfter\` and \`docsUrl\`. Authentication,
limits, malformed documents and faults are top-level errors with the same in \`extensions\`, and the
\`requestId\` that the logs know the request by.

${sections.join('\n')}`;
}

function formOf({ enum: choices, type, minimum, maximum }: Property): string {
  if (choices !== undefined) return choices.map((choice) => `\`${String(choice)}\``).join(', ');
  if (type !== 'integer') return 'text';
  return minimum === undefined ? 'whole number' : `${minimum} to ${maximum}`;
}
