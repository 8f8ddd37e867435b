/** An object of somebody else's JSON: nothing in it is certain. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** A body that is one JSON object; undefined when it is anything else. */
export function jsonObject(body: Buffer | string): JsonObject | undefined {
  try {
    return asObject(JSON.parse(body.toString()));
  } catch {
    return undefined;
  }
}

/** A text that is there and not empty. */
export function textIn(object: JsonObject | undefined, key: string): string | undefined {
  const value = object?.[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function numberIn(object: JsonObject | undefined, key: string): number | undefined {
  const value = object?.[key];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

export function objectIn(object: JsonObject | undefined, key: string): JsonObject | undefined {
  return asObject(object?.[key]);
}

/** The first object of a list. */
export function firstIn(object: JsonObject | undefined, key: string): JsonObject | undefined {
  const list = object?.[key];
  return Array.isArray(list) ? asObject(list[0]) : undefined;
}

function asObject(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}
