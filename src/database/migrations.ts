import type { MigrationInterface } from 'typeorm';
import { CreatePostern1764000000000 } from '../../migrations/1764000000000-create-postern.js';
import { LeadJobKeyWithMessage1764050000000 } from '../../migrations/1764050000000-lead-job-key-with-message.js';

/** Every migration, oldest first. Listed, not searched for: a bundle has no folder to look into. */
export const MIGRATIONS: readonly (new () => MigrationInterface)[] = [
  CreatePostern1764000000000,
  LeadJobKeyWithMessage1764050000000,
];

/** Where TypeORM remembers which migrations have run. */
export const MIGRATIONS_TABLE = 'schema_migration';
