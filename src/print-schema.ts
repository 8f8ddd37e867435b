import 'reflect-metadata';
import { writeFile } from 'node:fs/promises';
import { printPosternSchema } from './graphql/build-schema.js';
import { SCHEMA_RESOLVERS } from './schema-resolvers.js';

/** Writes schema.graphql into the folder it is started in. */
await writeFile('schema.graphql', await printPosternSchema(SCHEMA_RESOLVERS));
