import { headerProblem } from './header-policy.js';
import type { HeaderInput, MetadataEntryInput } from './message-input.js';
import { lengthProblem, lineProblem, textProblem } from './text-problem.js';
import { userError } from './user-error.js';
import type { UserError } from './user-error.js';

const MAX_HEADERS = 50;
const MAX_TAGS = 10;
const MAX_METADATA = 20;
const MAX_KEY = 64;
const MAX_VALUE = 500;

// Blanks at the ends would be lost where the key comes in an HTTP header.
const IDEMPOTENCY_KEY = /^[!-~](?:[ -~]{0,254}[!-~])?$/;
const TAG = /^[A-Za-z0-9_.:-]{1,64}$/;

/** The key, or undefined where none is given; problems are added to `errors`. */
export function checkIdempotencyKey(key: string | undefined, errors: UserError[]): string | undefined {
  if (key !== undefined && !IDEMPOTENCY_KEY.test(key)) {
    const message = 'Give 1 to 256 printable ASCII characters without blanks around them, such as a UUID.';
    errors.push(userError('INVALID_VALUE', ['idempotencyKey'], message));
  }
  return key;
}

/** Name and value of each custom header; problems are added to `errors`. */
export function checkHeaders(
  inputs: readonly HeaderInput[],
  errors: UserError[],
): readonly (readonly [name: string, value: string])[] {
  if (tooMany(inputs, 'headers', MAX_HEADERS, errors)) return [];
  const seen = new Set<string>();
  return inputs.map(({ name, value }, i) => {
    const path = ['headers', String(i)];
    const problem = headerProblem(name, value);
    if (problem !== undefined) {
      errors.push(userError('HEADER_NOT_ALLOWED', [...path, problem.field], problem.message));
    } else if (seen.has(name.toLowerCase())) {
      errors.push(userError('HEADER_NOT_ALLOWED', [...path, 'name'], 'Give each header once.'));
    }
    seen.add(name.toLowerCase());
    return [name, value] as const;
  });
}

/** The tags, each once; problems are added to `errors`. */
export function checkTags(tags: readonly string[], errors: UserError[]): readonly string[] {
  if (tooMany(tags, 'tags', MAX_TAGS, errors)) return [];
  for (const [i, tag] of tags.entries()) {
    if (TAG.test(tag)) continue;
    errors.push(
      userError('INVALID_VALUE', ['tags', String(i)], 'Give 1 to 64 letters, digits and _ . : - in each tag.'),
    );
  }
  return [...new Set(tags)];
}

/** The metadata as a record, or undefined where there is none; problems are added to `errors`. */
export function checkMetadata(
  entries: readonly MetadataEntryInput[],
  errors: UserError[],
): Readonly<Record<string, string>> | undefined {
  if (entries.length === 0 || tooMany(entries, 'metadata', MAX_METADATA, errors)) return undefined;
  const seen = new Set<string>();
  for (const [i, { key, value }] of entries.entries()) {
    const path = ['metadata', String(i)];
    const badKey = lineProblem(key) ?? (seen.has(key) ? 'Give each key once.' : undefined);
    const longKey = lengthProblem(key, MAX_KEY);
    if (key === '') errors.push(userError('REQUIRED', [...path, 'key'], 'Give a key.'));
    else if (badKey !== undefined) errors.push(userError('INVALID_VALUE', [...path, 'key'], badKey));
    else if (longKey !== undefined) errors.push(userError('TOO_LONG', [...path, 'key'], longKey));

    const badValue = textProblem(value);
    const longValue = lengthProblem(value, MAX_VALUE);
    if (badValue !== undefined) errors.push(userError('INVALID_VALUE', [...path, 'value'], badValue));
    else if (longValue !== undefined) errors.push(userError('TOO_LONG', [...path, 'value'], longValue));
    seen.add(key);
  }
  // fromEntries defines own properties: a key named __proto__ stays a key.
  return Object.fromEntries(entries.map(({ key, value }) => [key, value]));
}

/** Past its limit a list is refused as a whole, not entry by entry. */
function tooMany(list: readonly unknown[], name: string, limit: number, errors: UserError[]): boolean {
  if (list.length <= limit) return false;
  errors.push(userError('TOO_MANY', [name], `Give at most ${limit} entries; these are ${list.length}.`));
  return true;
}
