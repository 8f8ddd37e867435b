import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  findBreakingChanges,
  buildSchema,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isIntrospectionType,
  isSpecifiedScalarType,
  printSchema,
} from 'graphql';
import { buildPosternSchema } from '../../src/graphql/build-schema.js';
import { HandOverStageEnum } from '../../src/graphql/enums/hand-over-stage.enum.js';
import { SCHEMA_RESOLVERS } from '../../src/schema-resolvers.js';
import { HAND_OVER_STAGES } from '../../src/sending/transports/transport.js';

const ROOT = join(import.meta.dirname, '../..');

/*
 * The API only grows. A field that must go is marked `@deprecated(reason: "… removed after
 * YYYY-MM-DD")` for at least two minor releases; then the line that removes it from schema.graphql
 * shows in the review.
 */
describe('the schema', () => {
  let schema: GraphQLSchema;
  let committed: string;

  beforeAll(async () => {
    schema = await buildPosternSchema(SCHEMA_RESOLVERS);
    committed = readFileSync(join(ROOT, 'schema.graphql'), 'utf8');
  });

  it('is committed as it is served: run `npm run schema` after a change', () => {
    expect(`${printSchema(schema)}\n`).toBe(committed);
  });

  it('can be read back without a breaking change', () => {
    expect(findBreakingChanges(buildSchema(committed), schema)).toEqual([]);
  });

  it('describes every type, field, argument and enum value', () => {
    expect(undescribed(schema)).toEqual([]);
  });

  it('is printed from every resolver there is', () => {
    const named = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.resolver.ts'))
      .flatMap((file) => [...readFileSync(join(ROOT, 'src', file), 'utf8').matchAll(/^export class (\w+)/gm)])
      .map((match) => match[1] ?? '');
    expect(SCHEMA_RESOLVERS.map((resolver) => resolver.name).toSorted()).toEqual(named.toSorted());
  });

  it('knows the stages of a hand-over', () => {
    expect(Object.keys(HandOverStageEnum)).toEqual([...HAND_OVER_STAGES]);
  });
});

function undescribed(schema: GraphQLSchema): string[] {
  const missing: string[] = [];
  const need = (name: string, description: string | null | undefined): void => {
    if (!description?.trim()) missing.push(name);
  };
  for (const type of Object.values(schema.getTypeMap())) {
    if (isIntrospectionType(type) || isSpecifiedScalarType(type)) continue;
    need(type.name, type.description);
    if (isEnumType(type)) for (const value of type.getValues()) need(`${type.name}.${value.name}`, value.description);
    if (isInputObjectType(type)) {
      for (const field of Object.values(type.getFields())) need(`${type.name}.${field.name}`, field.description);
    }
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      need(`${type.name}.${field.name}`, field.description);
      for (const arg of field.args) need(`${type.name}.${field.name}(${arg.name})`, arg.description);
    }
  }
  return missing;
}
