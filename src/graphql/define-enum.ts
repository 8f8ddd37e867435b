import { registerEnumType } from '@nestjs/graphql';

/** A GraphQL enum as the schema builder knows it: every value under its own name. */
export type GraphqlEnum<T extends string> = { readonly [K in T]: K };

/**
 * Registers an enum of upper-case names, each with its description. The values are the domain's own
 * strings, so nothing is translated on the way in or out.
 */
export function defineEnum<T extends string>(
  name: string,
  description: string,
  values: Readonly<Record<T, string>>,
): GraphqlEnum<T> {
  const names = Object.keys(values) as T[];
  const ref = Object.fromEntries(names.map((value) => [value, value])) as GraphqlEnum<T>;
  const valuesMap = Object.fromEntries(names.map((value) => [value, { description: values[value] }]));
  registerEnumType<GraphqlEnum<T>>(ref, {
    name,
    description,
    valuesMap: valuesMap as Record<T, { description: string }>,
  });
  return ref;
}

/** The same for values that files and settings spell in another way: the name in the schema, then the value itself. */
export function defineSpelledEnum<T extends string>(
  name: string,
  description: string,
  values: Readonly<Record<string, readonly [value: T, description: string]>>,
): Readonly<Record<string, T>> {
  const entries = Object.entries(values);
  const ref = Object.fromEntries(entries.map(([key, [value]]) => [key, value]));
  const valuesMap = Object.fromEntries(entries.map(([key, [, text]]) => [key, { description: text }]));
  registerEnumType(ref, { name, description, valuesMap });
  return ref;
}
