import type { z } from 'zod';
import type { ErrorCode } from '../../domain/user-error.js';

/** What is wrong with a value, and where it stands. No value is ever quoted: it may be a secret. */
export interface DocumentProblem {
  readonly code: ErrorCode;
  readonly path: readonly (string | number)[];
  /** Goes on after the path: "must be given." */
  readonly message: string;
}

type Issue = z.core.$ZodIssue;

/** The problems a schema found in a document that stands at the path. */
export function problemsOf(error: z.ZodError, document: unknown, at: readonly (string | number)[]): DocumentProblem[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => invalid([...at, ...path, key], 'is not known here.'));
    }
    if (valueAt(document, path) === undefined) return [{ code: 'REQUIRED', path: [...at, ...path], message: MISSING }];
    return [{ code: codeOf(issue), path: [...at, ...path], message: messageOf(issue) }];
  });
}

export function invalid(path: readonly (string | number)[], message: string): DocumentProblem {
  return { code: 'INVALID_VALUE', path, message };
}

const MISSING = 'must be given.';

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
};

function codeOf(issue: Issue): ErrorCode {
  if (issue.code !== 'too_big') return 'INVALID_VALUE';
  if (issue.origin === 'string') return 'TOO_LONG';
  return issue.origin === 'array' ? 'TOO_MANY' : 'INVALID_VALUE';
}

function messageOf(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${TYPES[issue.expected] ?? issue.expected}.`;
    case 'too_small':
      return `must ${measure(issue.origin, 'least', Number(issue.minimum))}.`;
    case 'too_big':
      return `must ${measure(issue.origin, 'most', Number(issue.maximum))}.`;
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}.`;
    default:
      return issue.message;
  }
}

function measure(origin: string, bound: 'least' | 'most', count: number): string {
  if (origin === 'string') return `have at ${bound} ${count} character${count === 1 ? '' : 's'}`;
  return origin === 'array' ? `have at ${bound} ${count} entr${count === 1 ? 'y' : 'ies'}` : `be at ${bound} ${count}`;
}

function valueAt(document: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (value, part) => (typeof value === 'object' && value !== null ? Reflect.get(value, part) : undefined),
    document,
  );
}
