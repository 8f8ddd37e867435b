import type { Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { GraphQLSchemaBuilderModule, GraphQLSchemaFactory } from '@nestjs/graphql';
import { type GraphQLSchema, lexicographicSortSchema, printSchema } from 'graphql';
import { BUILD_SCHEMA_OPTIONS } from './apollo-options.js';
import { describeRootTypes } from './root-types.js';

/** The schema of the given resolvers, without starting anything. */
export async function buildPosternSchema(resolvers: readonly Type[]): Promise<GraphQLSchema> {
  const app = await NestFactory.createApplicationContext(GraphQLSchemaBuilderModule, { logger: false });
  try {
    const schema = await app.get(GraphQLSchemaFactory).create([...resolvers], [], BUILD_SCHEMA_OPTIONS);
    return lexicographicSortSchema(describeRootTypes(schema));
  } finally {
    await app.close();
  }
}

/** The schema as text, sorted, as it is committed in schema.graphql. */
export async function printPosternSchema(resolvers: readonly Type[]): Promise<string> {
  return `${printSchema(await buildPosternSchema(resolvers))}\n`;
}
