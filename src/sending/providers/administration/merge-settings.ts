import type { SettingsDocument } from '../provider-secrets.js';

/**
 * What is stored, with what is given over it: null takes a value out, so that its default holds
 * again, and what is not given stays. A list is replaced as a whole. The answer is plain JSON.
 */
export function mergeSettings(before: unknown, patch: object): SettingsDocument {
  const merged: Record<string, unknown> = isObject(before) ? { ...before } : {};
  for (const [field, value] of Object.entries(patch)) {
    if (value === undefined) continue;
    if (value === null) delete merged[field];
    else merged[field] = toJson(value, merged[field]);
  }
  return merged;
}

function toJson(value: unknown, before: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map((one) => toJson(one, undefined));
  return isObject(value) ? mergeSettings(before, value) : value;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
